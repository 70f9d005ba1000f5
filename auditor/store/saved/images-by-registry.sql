-- title: Images by registry
-- group: state
-- description: From which registries and repositories images come, in how many places, under how many versions, and how
--   many of the places a digest pins. What cannot be taken apart has no registry.
-- param environment (default ''): one environment; empty for all
SELECT registry, repository, count(*) AS places, count(DISTINCT concat(tag, '@', digest)) AS versions,
       count(*) FILTER (WHERE pinned) AS pinned,
       array_to_string(list(DISTINCT environment ORDER BY environment), ' ') AS environments,
       array_to_string(list(DISTINCT tag ORDER BY tag) FILTER (WHERE tag <> ''), ' ') AS tags
FROM images
WHERE $environment = '' OR environment = $environment
GROUP BY registry, repository
ORDER BY registry, repository
