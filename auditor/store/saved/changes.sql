-- title: Landed changes
-- group: population
-- description: The population itself, in landing order: who wrote and who committed each change, the request that its
--   message names, and how many resources it changed.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH touched AS (
    SELECT repo, sha, count(*) AS resources, list(DISTINCT environment ORDER BY environment) AS environments
    FROM resource_changes WHERE landed GROUP BY repo, sha
)
SELECT c.committed_at AS landed_at, c.repo, c.author_name, c.author_email, c.actor_kind, c.committer_name,
       c.pull_request, c.signature_status, coalesce(t.resources, 0) AS resources,
       array_to_string(coalesce(t.environments, []), ' ') AS environments, c.subject, c.sha
FROM commits c LEFT JOIN touched t ON t.repo = c.repo AND t.sha = c.sha
WHERE c.landed AND ($since = '' OR c.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR c.committed_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY c.repo, c.position
