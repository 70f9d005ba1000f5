-- title: Unsigned commits
-- group: integrity
-- description: Commits without a signature, side branches included, newest first. Those with one that was not
--   checked are not in it; see signature_status in the commits table.
SELECT committed_at, repo, sha, landed, author_name, author_email, actor_kind, pull_request, subject
FROM commits
WHERE signature_status = 'none'
ORDER BY committed_at DESC, sha
