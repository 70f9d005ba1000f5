-- title: Who set what is declared now
-- group: changes
-- description: Each field of a resource as it stands at the audited tip: its value, who set it, when, and in which
--   request. The author is found as in who-changed.
-- param kind: the resource's kind, e.g. Deployment
-- param name: the resource's name
-- param namespace (default ''): its namespace; empty for any
-- param environment (default ''): its environment; empty for any
-- param pointer (default ''): one field and all below it; empty for all
WITH RECURSIVE change AS (
    SELECT *, regexp_extract(api_version, '(.*)/', 1) AS grp
    FROM resource_changes
    WHERE kind = $kind AND name = $name AND ($namespace = '' OR namespace = $namespace)
      AND ($environment = '' OR environment = $environment)
), landed AS (
    SELECT * FROM change WHERE landed
), standing AS (
    -- An identity can stand in several files: each file holds it from its coming to its going.
    SELECT repo, environment, grp, kind, namespace, name, path
    FROM (SELECT repo, environment, grp, kind, namespace, name, path, position, new_digest <> '' AS here FROM landed
          UNION ALL
          SELECT repo, environment, grp, kind, namespace, name, old_path, position, false FROM landed WHERE old_path <> '')
    GROUP BY ALL HAVING arg_max(here, position * 2 + here::INTEGER)
), stay AS (
    -- From its coming into a file on: made anew, or moved there out of another.
    SELECT repo, environment, grp, kind, namespace, name, path, position AS begun, old_path FROM landed
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
    FROM landed c JOIN life l ON l.repo = c.repo AND l.environment = c.environment AND l.grp = c.grp AND l.kind = c.kind
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
), written AS (
    SELECT f.*, regexp_extract(f.api_version, '(.*)/', 1) AS grp, c.landed_in, c.is_merge, c.committed_at
    FROM field_changes f JOIN commits c ON c.repo = f.repo AND c.sha = f.sha
    WHERE NOT f.landed AND f.kind = $kind AND f.name = $name
)
SELECT f.repo, f.environment, f.namespace, f.pointer, f.latest.value AS value, a.author_name, a.author_email, a.actor_kind,
       m.committed_at AS landed_at, m.pull_request, a.sha, m.sha AS landed_sha, f.now_path AS path
FROM field f
JOIN commits m ON m.repo = f.repo AND m.sha = f.latest.sha
LEFT JOIN written w ON m.is_merge AND w.repo = f.repo AND w.landed_in = m.sha AND w.environment = f.environment
     AND w.grp = f.grp AND w.namespace = f.namespace AND w.pointer = f.pointer AND w.new_value = f.latest.value
JOIN commits a ON a.repo = f.repo AND a.sha = coalesce(w.sha, m.sha)
WHERE f.latest.value IS NOT NULL
-- A branch's own merges only pass on what others wrote.
QUALIFY row_number() OVER (
    PARTITION BY f.repo, f.environment, f.grp, f.namespace, f.now_path, f.pointer
    ORDER BY w.is_merge, w.committed_at DESC, w.sha
) = 1
ORDER BY f.repo, f.environment, f.namespace, f.now_path, f.pointer
