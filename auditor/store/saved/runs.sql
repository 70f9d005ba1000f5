-- title: Runs
-- group: integrity
-- description: When the repository was read, up to which commit, with which rules, and whether everything could be
--   evaluated. Between two runs nobody looked; git's own history fills the gap as far as it was not rewritten.
SELECT finished_at, repo, status, tip, generation, engine, engine_version, kubernetes_version, auditor_version, bundle_digest, id
FROM runs
ORDER BY finished_at, repo, id
