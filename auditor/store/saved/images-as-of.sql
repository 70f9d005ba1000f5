-- title: Images as of a time
-- group: state
-- description: Every image, tag and digest that git declared at one instant, in how many places, since when the oldest
--   of them holds it. When it first came is for value-first-seen; images of charts and remote bases are not in it.
-- param at (default ''): the instant, e.g. 2026-08-01; a day alone means its first instant in UTC; empty for now
-- param environment (default ''): one environment; empty for all
WITH RECURSIVE newest AS (
    SELECT repo, max(position) AS position FROM landings WHERE $at = '' OR landed_at <= nullif($at, '')::TIMESTAMPTZ GROUP BY repo
), change AS (
    SELECT r.*, regexp_extract(r.api_version, '(.*)/', 1) AS grp
    FROM resource_changes r JOIN newest n ON n.repo = r.repo AND r.position <= n.position
    WHERE r.landed
      AND ($environment = '' OR r.environment = $environment)
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
    WHERE regexp_matches(f.pointer, '(^|[.])(image|newTag|newName|tag|digest|repository)$')
          AND regexp_matches(f.pointer, '(?i)image')
    GROUP BY ALL
), part AS (
    -- An image may be written in pieces: name and newTag of Kustomize, repository and tag of a chart's values.
    SELECT f.*, trim(f.latest.value, '"') AS value, c.committed_at, c.author_name,
           regexp_extract(f.pointer, '(?:^|[.])(\w+)$', 1) AS piece,
           regexp_replace(f.pointer, '[.](newTag|newName|tag|digest|repository)$', '') AS place
    FROM field f JOIN commits c ON c.repo = f.repo AND c.sha = f.latest.sha
    WHERE f.latest.value IS NOT NULL AND f.latest.value <> '""'
), image AS (
    SELECT repo, environment, kind, namespace, name, now_path, place, max(committed_at) AS since,
           arg_max(author_name, committed_at) AS set_by,
           coalesce(max(value) FILTER (WHERE piece = 'image'),
               concat(coalesce(max(value) FILTER (WHERE piece IN ('newName', 'repository')),
                               regexp_extract(place, 'images\[name=\"?([^\]\"]*)', 1)),
                      ':' || max(value) FILTER (WHERE piece IN ('newTag', 'tag')),
                      '@' || max(value) FILTER (WHERE piece = 'digest'))) AS image
    FROM part
    GROUP BY repo, environment, kind, namespace, name, now_path, place
)
SELECT image, count(*) AS places, array_to_string(list(DISTINCT environment ORDER BY environment), ' ') AS environments,
       min(since) AS since, arg_min(set_by, since) AS set_by,
       arg_min(concat_ws(' ', kind, name, place), (since, kind, name, place)) AS first_place
FROM image
GROUP BY image
ORDER BY image
