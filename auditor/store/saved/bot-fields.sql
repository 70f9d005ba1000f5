-- title: What bots and automation edit
-- group: access
-- description: The fields that other than people changed, by author and field, list keys left out: whether they keep
--   to images and versions. Resources that they made or deleted are counted as such.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH field AS (
    SELECT c.author_name, c.actor_kind, r.change, r.kind, c.committed_at, c.sha,
           if(r.change = 'modified', regexp_replace(f.pointer, '\[[^\]"]*\]', '[]', 'g'), '(whole resource)') AS field
    FROM resource_changes r
    JOIN commits c ON c.repo = r.repo AND c.sha = r.sha
    LEFT JOIN field_changes f ON r.change = 'modified' AND f.repo = r.repo AND f.sha = r.sha
         AND f.environment = r.environment AND f.api_version = r.api_version AND f.kind = r.kind
         AND f.namespace = r.namespace AND f.name = r.name AND f.path = r.path
    WHERE c.actor_kind <> 'person' AND ($since = '' OR c.committed_at >= nullif($since, '')::TIMESTAMPTZ)
      AND ($until = '' OR c.committed_at < nullif($until, '')::TIMESTAMPTZ)
)
SELECT author_name, actor_kind, kind, change, coalesce(field, '(order only)') AS field, count(*) AS times,
       count(DISTINCT sha) AS commits, max(committed_at) AS last_at
FROM field
GROUP BY ALL
ORDER BY author_name, times DESC, kind, change, field
