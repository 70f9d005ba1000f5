-- title: Drift by verdict
-- group: drift
-- description: What the last comparison of each cluster found, by what it means.
SELECT cluster, environment, verdict, count(*) AS differences, count(*) FILTER (WHERE actor <> '') AS with_known_actor,
       min(changed_at) AS first_changed_at, max(changed_at) AS last_changed_at
FROM (SELECT * FROM drift QUALIFY seen_at = max(seen_at) OVER (PARTITION BY repo, cluster, environment))
GROUP BY ALL
ORDER BY cluster, environment, differences DESC, verdict
