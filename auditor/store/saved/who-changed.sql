-- title: Who changed a resource or field
-- group: changes
-- description: Who set a field to a value, when, and in which request, oldest first. The author is that of the commit
--   that did it: where a merge brought it in, of the last commit of its branch that set this very value; where there
--   is none (a squash, a merge resolved by hand), of the landed commit. Authors and times are what commits claim, and so
--   is a request that is not `confirmed`.
-- param kind (default ''): the resource's kind, e.g. Deployment; empty for any
-- param name (default ''): the resource's name; empty for any
-- param namespace (default ''): its namespace; empty for any
-- param environment (default ''): its environment; empty for any
-- param pointer (default ''): a field and all below it, e.g. spec.template.spec.containers[name=web].image or
--   /spec/template/spec/containers[name=web]/image; empty for each modified field, and whole resources added and deleted
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH scope AS (
    -- Landed commits of the period, and what they brought in.
    SELECT c.repo, c.sha, c.landed_in, c.is_merge, c.committed_at
    FROM commits c JOIN commits m ON m.repo = c.repo AND m.sha = c.landed_in
    WHERE ($since = '' OR m.committed_at >= nullif($since, '')::TIMESTAMPTZ)
      AND ($until = '' OR m.committed_at < nullif($until, '')::TIMESTAMPTZ)
      AND if($kind || $name || $pointer || $namespace || $environment || $since || $until = '',
             error('name a resource, a pointer or a period: every change of every field is too much to read'), true)
), resource AS (
    SELECT r.*, regexp_extract(api_version, '(.*)/', 1) AS grp, s.landed_in, s.is_merge, s.committed_at
    FROM resource_changes r JOIN scope s ON s.repo = r.repo AND s.sha = r.sha
    WHERE ($kind = '' OR kind = $kind) AND ($name = '' OR name = $name)
      AND ($namespace = '' OR namespace = $namespace) AND ($environment = '' OR environment = $environment)
), told AS (
    -- Whole resources are told in one row, unless a field is asked for.
    SELECT r.*, f.pointer, f.old_value, f.new_value
    FROM resource r JOIN field_changes f USING (repo, sha, landed, environment, api_version, kind, namespace, name, path)
    WHERE if($pointer = '', r.change = 'modified',
             f.pointer = $pointer OR starts_with(f.pointer, $pointer || '.') OR starts_with(f.pointer, $pointer || '['))
    UNION ALL BY NAME
    SELECT *, '' AS pointer FROM resource WHERE $pointer = '' AND change <> 'modified'
)
SELECT m.committed_at AS landed_at, t.change, t.environment, t.kind, t.namespace, t.name, t.pointer, t.old_value,
       t.new_value, a.author_name, a.author_email, a.actor_kind, a.authored_at, a.sha, m.sha AS landed_sha,
       m.author_name AS landed_by, coalesce('#' || u.number, m.pull_request) AS pull_request, u.confirmed,
       array_to_string(u.approvers, ' ') AS approvers, m.subject, t.path
FROM told t
JOIN commits m ON m.repo = t.repo AND m.sha = t.sha
LEFT JOIN change_units u ON u.repo = t.repo AND u.sha = t.sha
LEFT JOIN told w ON NOT w.landed AND w.repo = t.repo AND w.landed_in = t.sha AND w.environment = t.environment
     AND w.grp = t.grp AND w.kind = t.kind AND w.namespace = t.namespace AND w.name = t.name AND w.pointer = t.pointer
     AND w.new_value IS NOT DISTINCT FROM t.new_value AND (t.pointer <> '' OR w.change = t.change)
JOIN commits a ON a.repo = t.repo AND a.sha = coalesce(w.sha, t.sha)
WHERE t.landed
-- A branch's own merges only pass on what others wrote.
QUALIFY row_number() OVER (
    PARTITION BY t.repo, t.sha, t.environment, t.grp, t.kind, t.namespace, t.name, t.path, t.pointer
    ORDER BY w.is_merge, w.committed_at DESC, w.sha
) = 1
ORDER BY t.repo, t.position, t.environment, t.kind, t.namespace, t.name, t.path, t.pointer
