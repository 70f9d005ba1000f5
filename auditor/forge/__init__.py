"""Forges: what GitHub, GitLab, Gitea and Forgejo know of a change that git does not."""
