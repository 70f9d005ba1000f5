-- title: When a value was first seen
-- group: changes
-- description: Everywhere a text was the value of a field, or part of it (an image, a version, a host name), from which
--   landing to which, and who set it; the first is where it began. Without `until` it stands there today. What charts
--   and remote bases bring in is not in it.
-- param value: the text, e.g. nginx:1.25 or ghcr.io/example/
-- param pointer (default ''): only fields whose pointer contains this text, e.g. image
WITH RECURSIVE field AS (
    SELECT repo, sha, position, environment, regexp_extract(api_version, '(.*)/', 1) AS grp, kind, namespace, name, path,
           pointer, new_value
    FROM field_changes
    WHERE landed AND contains(pointer, $pointer) AND (contains(new_value, $value) OR contains(old_value, $value))
), change AS (
    SELECT *, regexp_extract(api_version, '(.*)/', 1) AS grp FROM resource_changes
    WHERE landed AND (repo, environment, kind, namespace, name) IN (
        SELECT (repo, environment, kind, namespace, name) FROM field)
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
    WHERE NOT f.landed AND contains(pointer, $pointer) AND (contains(new_value, $value) OR contains(old_value, $value))
)
SELECT m.committed_at AS since, e.committed_at AS until, f.environment, f.kind, f.namespace, f.name, f.pointer,
       f.new_value AS value, a.author_name, a.author_email, a.actor_kind, m.pull_request, a.sha, m.sha AS landed_sha,
       f.path
FROM step f
JOIN commits m ON m.repo = f.repo AND m.sha = f.sha
LEFT JOIN commits e ON e.repo = f.repo AND e.sha = f.ended_sha
LEFT JOIN written w ON m.is_merge AND w.landed_in = m.sha AND w.repo = f.repo AND w.environment = f.environment AND w.grp = f.grp AND w.kind = f.kind
         AND w.namespace = f.namespace AND w.name = f.name
     AND w.pointer = f.pointer AND w.new_value = f.new_value
JOIN commits a ON a.repo = f.repo AND a.sha = coalesce(w.sha, m.sha)
WHERE contains(f.new_value, $value)
-- A branch's own merges only pass on what others wrote.
QUALIFY row_number() OVER (
    PARTITION BY f.repo, f.sha, f.environment, f.grp, f.kind, f.namespace, f.name, f.path, f.pointer
    ORDER BY w.is_merge, w.committed_at DESC, w.sha
) = 1
ORDER BY m.committed_at, f.repo, f.position, f.environment, f.kind, f.namespace, f.name, f.path, f.pointer
