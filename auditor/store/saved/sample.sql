-- title: Random sample of changes
-- group: population
-- description: So many landed changes of a period, drawn by a seed: those whose MD5 of seed, blank and commit id comes
--   first. Whoever knows the seed draws the same, so choose it where the audited cannot foresee it.
-- param seed: any text, e.g. a number that the auditor names
-- param size (default 25): how many to draw
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT row_number() OVER (ORDER BY md5($seed || ' ' || sha), sha) AS draw, committed_at AS landed_at, repo, author_name,
       author_email, actor_kind, pull_request, signature_status, subject, sha
FROM commits
WHERE landed AND ($since = '' OR committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR committed_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY draw
LIMIT (SELECT $size::UINTEGER)
