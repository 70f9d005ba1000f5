-- title: Open findings over time
-- group: findings
-- description: How many findings about resources were open at the end of each month (UTC), by severity.
WITH month AS (
    SELECT unnest(generate_series(date_trunc('month', min(opened_at)), date_trunc('month', max(greatest(opened_at,
           coalesce(fixed_at, opened_at)))), INTERVAL 1 MONTH)) AS begin
    FROM findings WHERE source <> 'change'
)
SELECT strftime(m.begin, '%Y-%m') AS month,
       count(*) FILTER (WHERE f.severity = 'critical') AS critical, count(*) FILTER (WHERE f.severity = 'high') AS high,
       count(*) FILTER (WHERE f.severity = 'medium') AS medium, count(*) FILTER (WHERE f.severity = 'low') AS low
FROM month m
LEFT JOIN findings f ON f.source <> 'change' AND f.opened_at < m.begin + INTERVAL 1 MONTH
     AND (f.fixed_at IS NULL OR f.fixed_at >= m.begin + INTERVAL 1 MONTH)
GROUP BY m.begin
ORDER BY m.begin
