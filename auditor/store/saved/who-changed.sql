-- title: Who changed a resource
-- description: Every commit that changed one resource, oldest first, with its author and the fields it changed.
--   A change made on a side branch appears twice: where it was written, and where it landed.
-- param kind: the resource's kind, e.g. Deployment
-- param name: the resource's name
-- param namespace (default ''): its namespace; empty for any
-- param environment (default ''): its environment; empty for any
SELECT c.committed_at, r.change, r.landed, r.environment, r.namespace, c.author_name, c.author_email, c.actor_kind,
       c.pull_request, c.subject, r.path, c.sha,
       (SELECT list(DISTINCT f.pointer ORDER BY f.pointer) FROM field_changes f
        WHERE f.repo = r.repo AND f.sha = r.sha AND f.environment = r.environment AND f.kind = r.kind
          AND f.namespace = r.namespace AND f.name = r.name) AS fields
FROM resource_changes r
JOIN commits c ON c.repo = r.repo AND c.sha = r.sha
WHERE r.kind = $kind AND r.name = $name
  AND ($namespace = '' OR r.namespace = $namespace)
  AND ($environment = '' OR r.environment = $environment)
ORDER BY c.committed_at, r.landed, r.environment, r.namespace, r.path
