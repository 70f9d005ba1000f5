-- title: Values of a field over time
-- group: changes
-- description: Each value that a field had, from which landing to which, who set it, and in which request; one row a
--   value, without `until` where it stands today. A resource that was deleted and made again begins anew. The author
--   is found as in who-changed.
-- param kind: the resource's kind, e.g. Deployment
-- param name: the resource's name
-- param pointer: the field, and all below it, e.g. spec.replicas or /spec/replicas
-- param namespace (default ''): its namespace; empty for any
-- param environment (default ''): its environment; empty for any
WITH RECURSIVE field AS (
    SELECT repo, sha, position, environment, regexp_extract(api_version, '(.*)/', 1) AS grp, kind, namespace, name, path,
           pointer, new_value
    FROM field_changes
    WHERE landed AND kind = $kind AND name = $name AND ($namespace = '' OR namespace = $namespace)
      AND ($environment = '' OR environment = $environment)
      AND (pointer = $pointer OR starts_with(pointer, $pointer || '.') OR starts_with(pointer, $pointer || '['))
), change AS (
    SELECT *, regexp_extract(api_version, '(.*)/', 1) AS grp FROM resource_changes
    WHERE landed AND kind = $kind AND name = $name AND ($namespace = '' OR namespace = $namespace)
      AND ($environment = '' OR environment = $environment)
), stay AS (
    -- In one file, from its coming on: made anew, or moved there out of another.
    SELECT repo, environment, grp, kind, namespace, name, path, position AS begun, old_path
    FROM change WHERE change = 'added' OR old_path <> ''
), linked AS (
    SELECT s.*, p.begun AS begun_before
    FROM stay s ASOF LEFT JOIN stay p ON p.repo = s.repo AND p.environment = s.environment AND p.grp = s.grp AND p.kind = s.kind
         AND p.namespace = s.namespace AND p.name = s.name
         AND p.path = s.old_path AND p.begun < s.begun
), life AS (
    -- From being made to being deleted, through all its files: what is made again begins anew.
    SELECT *, path AS first_path, begun AS first_begun FROM linked WHERE begun_before IS NULL
    UNION ALL
    SELECT s.*, l.first_path, l.first_begun
    FROM linked s JOIN life l ON l.repo = s.repo AND l.environment = s.environment AND l.grp = s.grp AND l.kind = s.kind
         AND l.namespace = s.namespace AND l.name = s.name
         AND l.path = s.old_path AND l.begun = s.begun_before
), step AS (
    SELECT f.*, l.first_path, l.first_begun,
           lead(f.sha) OVER (
               PARTITION BY f.repo, f.environment, f.grp, f.kind, f.namespace, f.name, l.first_path, l.first_begun,
                            f.pointer
               ORDER BY f.position
           ) AS ended_sha
    FROM field f ASOF JOIN life l ON l.repo = f.repo AND l.environment = f.environment AND l.grp = f.grp AND l.kind = f.kind
         AND l.namespace = f.namespace AND l.name = f.name
         AND l.path = f.path AND l.begun <= f.position
), written AS (
    SELECT f.*, regexp_extract(f.api_version, '(.*)/', 1) AS grp, c.landed_in, c.is_merge, c.committed_at
    FROM field_changes f JOIN commits c ON c.repo = f.repo AND c.sha = f.sha
    WHERE NOT f.landed AND kind = $kind AND name = $name AND ($namespace = '' OR namespace = $namespace)
      AND ($environment = '' OR environment = $environment)
      AND (pointer = $pointer OR starts_with(pointer, $pointer || '.') OR starts_with(pointer, $pointer || '['))
)
SELECT f.repo, f.environment, f.namespace, f.pointer, f.new_value AS value, m.committed_at AS since, e.committed_at AS until,
       a.author_name, a.author_email, a.actor_kind, m.pull_request, a.sha, m.sha AS landed_sha, f.ended_sha, f.path
FROM step f
JOIN commits m ON m.repo = f.repo AND m.sha = f.sha
LEFT JOIN commits e ON e.repo = f.repo AND e.sha = f.ended_sha
LEFT JOIN written w ON m.is_merge AND w.landed_in = m.sha AND w.repo = f.repo AND w.environment = f.environment AND w.grp = f.grp AND w.kind = f.kind
         AND w.namespace = f.namespace AND w.name = f.name
     AND w.pointer = f.pointer AND w.new_value = f.new_value
JOIN commits a ON a.repo = f.repo AND a.sha = coalesce(w.sha, m.sha)
WHERE f.new_value IS NOT NULL
-- A branch's own merges only pass on what others wrote.
QUALIFY row_number() OVER (
    PARTITION BY f.repo, f.sha, f.environment, f.grp, f.kind, f.namespace, f.name, f.path, f.pointer
    ORDER BY w.is_merge, w.committed_at DESC, w.sha
) = 1
ORDER BY f.repo, f.environment, f.namespace, f.pointer, f.position, f.path
