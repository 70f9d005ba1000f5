-- title: Findings by rule
-- group: findings
-- description: How often each rule was violated: open now, fixed since, and how old the oldest open one is.
SELECT f.rule_id, any_value(f.title) AS title, any_value(f.severity) AS severity,
       count(*) FILTER (WHERE f.state = 'open') AS open,
       count(*) FILTER (WHERE f.state = 'fixed') AS fixed,
       min(f.opened_at) FILTER (WHERE f.state = 'open') AS oldest_open_at
FROM findings f
GROUP BY f.rule_id
ORDER BY open DESC, fixed DESC, f.rule_id
