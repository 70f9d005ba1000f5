-- title: Deleted resources
-- group: changes
-- description: What was taken out of git, by whom, and whether it is declared again today.
-- param environment (default ''): one environment; empty for all
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT c.committed_at AS landed_at, r.environment, r.kind, r.namespace, r.name,
       (r.repo, r.environment, r.kind, r.namespace, r.name) IN (
           SELECT (repo, environment, kind, namespace, name) FROM resources WHERE rendered_from = '') AS declared_today,
       c.author_name, c.pull_request, c.subject, c.sha, r.path
FROM resource_changes r JOIN commits c ON c.repo = r.repo AND c.sha = r.sha
WHERE r.landed AND r.change = 'deleted' AND ($environment = '' OR r.environment = $environment)
  AND ($since = '' OR c.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR c.committed_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY r.repo, r.position, r.environment, r.kind, r.namespace, r.name, r.path
