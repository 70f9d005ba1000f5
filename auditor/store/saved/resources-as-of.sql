-- title: Resources as of a time
-- group: state
-- description: Which resources git declared at one instant, with the commit that gave each the form it had. What
--   Kustomize and Helm make of the files is not in it.
-- param at: the instant, e.g. 2026-08-01 or 2026-08-01T12:00:00Z; a day alone means its first instant in UTC
-- param environment (default ''): one environment; empty for all
-- param kind (default ''): one kind of resource; empty for all
WITH newest AS (
    SELECT repo, max(position) AS position FROM landings WHERE landed_at <= $at::TIMESTAMPTZ GROUP BY repo
), change AS (
    SELECT r.*, regexp_extract(r.api_version, '(.*)/', 1) AS grp
    FROM resource_changes r JOIN newest n ON n.repo = r.repo AND r.position <= n.position
    WHERE r.landed
      AND ($environment = '' OR r.environment = $environment) AND ($kind = '' OR r.kind = $kind)
), event AS (
    -- An identity can stand in several files: each file holds it from its coming to its going.
    SELECT repo, environment, grp, kind, namespace, name, path, position, api_version, sha, new_digest <> '' AS here
    FROM change
    UNION ALL
    SELECT repo, environment, grp, kind, namespace, name, old_path, position, api_version, sha, false
    FROM change WHERE old_path <> ''
), newest_of AS (
    SELECT repo, environment, grp, kind, namespace, name, path,
           arg_max({'here': here, 'api_version': api_version, 'sha': sha}, position * 2 + here::INTEGER) AS l
    FROM event GROUP BY ALL
)
SELECT l.repo, l.environment, l.l.api_version AS api_version, l.kind, l.namespace, l.name, l.path,
       c.committed_at AS landed_at, c.author_name AS landed_by, c.pull_request, c.sha
FROM newest_of l JOIN commits c ON c.repo = l.repo AND c.sha = l.l.sha
WHERE l.l.here
ORDER BY l.repo, l.environment, l.kind, l.namespace, l.name, l.path
