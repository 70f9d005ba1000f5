-- title: Clusters compared with git
-- group: drift
-- description: Each time a cluster was held against git: when it was recorded, how many resources were compared, how
--   many differed, and what could not be compared. A cluster that is not here was never looked at.
SELECT x.seen_at, x.repo, x.cluster, x.environment, x.taken_at, x.compared, x.unknown,
       count(d.verdict) AS differences, count(d.verdict) FILTER (WHERE d.verdict = 'unauthorised') AS unauthorised,
       array_to_string(x.incomplete, '; ') AS incomplete, x.tip
FROM cross_checks x
LEFT JOIN drift d ON d.repo = x.repo AND d.cluster = x.cluster AND d.environment = x.environment AND d.seen_at = x.seen_at
GROUP BY ALL
ORDER BY x.seen_at, x.repo, x.cluster, x.environment
