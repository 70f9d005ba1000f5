-- title: State as of a time
-- group: state
-- description: Every field of every resource as git declared it at one instant: the last value of each field up to
--   the newest commit that had landed by then. A commit landed when it and all before it were committed, or when a
--   run had seen it, whichever is earlier. What Kustomize and Helm make of the files is not in it.
-- param at: the instant, e.g. 2026-08-01 or 2026-08-01T12:00:00Z; a day alone means its first instant in UTC
-- param environment (default ''): one environment; empty for all
-- param kind (default ''): one kind of resource; empty for all
-- param namespace (default ''): one namespace; empty for all
-- param name (default ''): one name; empty for all
-- param pointer (default ''): one field and all below it; empty for all
WITH RECURSIVE newest AS (
    SELECT repo, max(position) AS position FROM landings WHERE landed_at <= $at::TIMESTAMPTZ GROUP BY repo
), change AS (
    SELECT r.*, regexp_extract(r.api_version, '(.*)/', 1) AS grp
    FROM resource_changes r JOIN newest n ON n.repo = r.repo AND r.position <= n.position
    WHERE r.landed
      AND ($environment = '' OR r.environment = $environment) AND ($kind = '' OR r.kind = $kind)
      AND ($namespace = '' OR r.namespace = $namespace) AND ($name = '' OR r.name = $name)
), standing AS (
    -- An identity can stand in several files: each file holds it from its coming to its going.
    SELECT repo, environment, grp, kind, namespace, name, path
    FROM (SELECT repo, environment, grp, kind, namespace, name, path, position, new_digest <> '' AS here FROM change
          UNION ALL
          SELECT repo, environment, grp, kind, namespace, name, old_path, position, false FROM change WHERE old_path <> '')
    GROUP BY ALL HAVING arg_max(here, position * 2 + here::INTEGER)
), stay AS (
    -- From its coming into a file on: made anew, or moved there out of another.
    SELECT repo, environment, grp, kind, namespace, name, path, position AS begun, old_path FROM change
    WHERE change = 'added' OR old_path <> ''
), life AS (
    SELECT s.*, s.path AS now_path, 2147483647 AS ended
    FROM stay s SEMI JOIN standing USING (repo, environment, grp, kind, namespace, name, path)
    QUALIFY row_number() OVER (PARTITION BY s.repo, s.environment, s.grp, s.kind, s.namespace, s.name, s.path
                               ORDER BY s.begun DESC) = 1
    UNION ALL
    SELECT s.*, l.now_path, l.begun
    FROM life l JOIN stay s ON s.repo = l.repo AND s.environment = l.environment AND s.grp = l.grp AND s.kind = l.kind
         AND s.namespace = l.namespace AND s.name = l.name AND s.path = l.old_path AND s.begun < l.begun
    QUALIFY row_number() OVER (PARTITION BY l.repo, l.environment, l.grp, l.kind, l.namespace, l.name, l.now_path
                               ORDER BY s.begun DESC) = 1
), step AS (
    SELECT c.repo, c.sha, c.environment, c.api_version, c.kind, c.namespace, c.name, c.path, c.grp, c.position, l.now_path
    FROM change c JOIN life l ON l.repo = c.repo AND l.environment = c.environment AND l.grp = c.grp AND l.kind = c.kind
         AND l.namespace = c.namespace AND l.name = c.name AND l.path = c.path
         AND c.position >= l.begun AND c.position < l.ended
), field AS (
    SELECT s.repo, s.environment, s.grp, s.kind, s.namespace, s.name, s.now_path, f.pointer,
           arg_max({'value': f.new_value, 'sha': s.sha, 'api_version': s.api_version}, s.position) AS latest
    FROM step s JOIN field_changes f ON f.repo = s.repo AND f.sha = s.sha AND f.environment = s.environment
         AND f.api_version = s.api_version AND f.kind = s.kind AND f.namespace = s.namespace AND f.name = s.name
         AND f.path = s.path AND f.landed
    WHERE $pointer = '' OR f.pointer = $pointer OR starts_with(f.pointer, $pointer || '.')
          OR starts_with(f.pointer, $pointer || '[')
    GROUP BY ALL
)
SELECT f.repo, f.environment, f.kind, f.namespace, f.name, f.now_path AS path, f.pointer, f.latest.value AS value,
       c.committed_at AS landed_at, c.author_name AS landed_by, f.latest.sha AS sha
FROM field f JOIN commits c ON c.repo = f.repo AND c.sha = f.latest.sha
WHERE f.latest.value IS NOT NULL
ORDER BY f.repo, f.environment, f.kind, f.namespace, f.name, f.now_path, f.pointer
