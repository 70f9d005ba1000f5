-- title: Direct pushes
-- group: approval
-- description: Commits of people that landed with one parent and no sign of a pull request. A rebase-merge can
--   look the same: it is a reason to ask, and only the forge's records answer.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT committed_at, repo, sha, author_name, author_email, committer_name, subject, signature_status
FROM commits
WHERE landed AND len(parents) = 1 AND pull_request = '' AND actor_kind = 'person'
  AND ($since = '' OR committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR committed_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY repo, position
