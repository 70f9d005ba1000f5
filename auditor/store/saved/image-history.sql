-- title: What an image was set to, and by whom
-- group: changes
-- description: Every landed change of a field that names an image, its tag or its digest: from which value to which, by
--   whom, in which request. Fields of charts' values and of Kustomize are told as they are written, in pieces.
-- param image (default ''): a part of the image's name, as in ghcr.io/example/web; empty for all
-- param name (default ''): the resource's name; empty for any
-- param environment (default ''): one environment; empty for all
WITH field AS (
    SELECT f.*, regexp_replace(f.pointer, '[.](newTag|newName|tag|digest|repository|registry)$', '') AS place
    FROM field_changes f
    WHERE f.landed AND ($name = '' OR f.name = $name) AND ($environment = '' OR f.environment = $environment)
      AND regexp_matches(f.pointer, '(?i)image') AND regexp_matches(f.pointer, '(^|[.])(image|newTag|newName|tag|digest|repository|registry)$')
), meant AS (
    -- A tag alone does not name its image: the place that it is at does, or another piece there at any time.
    SELECT DISTINCT repo, environment, kind, namespace, name, place FROM field
    WHERE $image = '' OR contains(place, $image) OR contains(coalesce(new_value, ''), $image)
          OR contains(coalesce(old_value, ''), $image)
)
SELECT m.committed_at AS since, f.environment, f.kind, f.namespace, f.name, f.pointer, trim(f.old_value, '"') AS old,
       trim(f.new_value, '"') AS new, m.author_name, m.actor_kind, m.pull_request, f.sha, f.path
FROM field f
SEMI JOIN meant USING (repo, environment, kind, namespace, name, place)
JOIN commits m ON m.repo = f.repo AND m.sha = f.sha
ORDER BY f.position, f.environment, f.kind, f.namespace, f.name, f.pointer
