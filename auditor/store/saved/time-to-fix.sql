-- title: Time to fix
-- group: findings
-- description: Days (of 24 hours) from the commit that opened a finding to the one that fixed it, by severity;
--   findings still open are counted beside it, since leaving them out makes the times look better than they are.
SELECT severity,
       count(*) FILTER (WHERE state = 'fixed') AS fixed,
       round(median(days) FILTER (WHERE state = 'fixed'), 1) AS median_days,
       round(quantile_cont(days, 0.9) FILTER (WHERE state = 'fixed'), 1) AS days_of_9_in_10,
       round(max(days) FILTER (WHERE state = 'fixed'), 1) AS longest_days,
       count(*) FILTER (WHERE state = 'open') AS still_open
FROM (SELECT *, date_diff('second', opened_at, fixed_at) / 86400.0 AS days FROM findings
      -- How a change landed is an event, which nothing fixes.
      WHERE source <> 'change')
GROUP BY severity
ORDER BY list_position(['low', 'medium', 'high', 'critical'], severity) DESC
