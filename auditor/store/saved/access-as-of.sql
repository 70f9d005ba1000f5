-- title: Access as of a time
-- group: access
-- description: Who was bound to which role in git at one instant. What was bound past git, and what the roles of charts
--   and the cluster's own bindings allow, is not in it.
-- param at (default ''): the instant, e.g. 2026-08-01; a day alone means its first instant in UTC; empty for now
-- param environment (default ''): one environment; empty for all
WITH RECURSIVE newest AS (
    SELECT repo, max(position) AS position FROM landings WHERE $at = '' OR landed_at <= nullif($at, '')::TIMESTAMPTZ GROUP BY repo
), change AS (
    SELECT r.*, regexp_extract(r.api_version, '(.*)/', 1) AS grp
    FROM resource_changes r JOIN newest n ON n.repo = r.repo AND r.position <= n.position
    WHERE r.landed
      AND ($environment = '' OR r.environment = $environment) AND r.kind IN ('RoleBinding', 'ClusterRoleBinding')
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
    GROUP BY ALL
), told AS (
    SELECT f.*, trim(f.latest.value, '"') AS value, regexp_extract(f.pointer, '^(subjects\[.*\])[.]\w+$', 1) AS subject
    FROM field f WHERE f.latest.value IS NOT NULL
), role AS (
    SELECT repo, environment, grp, kind, namespace, name, now_path,
           max(value) FILTER (WHERE pointer = 'roleRef.kind') || ' ' || max(value) FILTER (WHERE pointer = 'roleRef.name') AS role
    FROM told GROUP BY ALL
)
SELECT t.environment, t.kind AS binding, t.namespace, t.name, any_value(r.role) AS role,
       max(t.value) FILTER (WHERE ends_with(t.pointer, '.kind')) AS subject_kind,
       max(t.value) FILTER (WHERE ends_with(t.pointer, '.name')) AS subject,
       coalesce(max(t.value) FILTER (WHERE ends_with(t.pointer, '.namespace')), '') AS subject_namespace,
       max(c.committed_at) AS since, arg_max(c.author_name, c.committed_at) AS set_by, t.now_path AS path
FROM told t
JOIN role r USING (repo, environment, grp, kind, namespace, name, now_path)
JOIN commits c ON c.repo = t.repo AND c.sha = t.latest.sha
WHERE t.subject <> ''
GROUP BY t.repo, t.environment, t.grp, t.kind, t.namespace, t.name, t.now_path, t.subject
ORDER BY t.repo, t.environment, t.kind, t.namespace, t.name, subject_kind, subject, t.now_path
