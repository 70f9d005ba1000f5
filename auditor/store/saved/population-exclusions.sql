-- title: What is not in the population
-- group: population
-- description: Every commit that is recorded, once: in the population of the period, or why it is not. The numbers of
--   a repository add up to all of its recorded commits.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH told AS (
    SELECT repo, committed_at,
           CASE
               WHEN lost THEN 'excluded: no ref reaches it any more (rewritten history)'
               WHEN landed AND ($since = '' OR committed_at >= nullif($since, '')::TIMESTAMPTZ)
                    AND ($until = '' OR committed_at < nullif($until, '')::TIMESTAMPTZ) THEN 'in the population'
               WHEN landed THEN 'excluded: landed before or after the period'
               WHEN landed_in <> '' THEN 'excluded: of a side branch, counted with the commit that brought it in'
               ELSE 'excluded: not on the audited branch'
           END AS reason
    FROM commits
)
SELECT repo, reason, count(*) AS commits, min(committed_at) AS first_at, max(committed_at) AS last_at
FROM told
GROUP BY repo, reason
ORDER BY repo, starts_with(reason, 'excluded'), reason
