-- title: Open findings
-- group: findings
-- description: What is wrong now, the worst and oldest first.
-- param severity (default low): the mildest severity to show: low, medium, high or critical
SELECT severity, rule_id, title, environment, kind, namespace, name, pointer, path, line, message,
       opened_at, opened_by, opened_sha, days_open
FROM findings
WHERE state = 'open'
  AND list_position(['low', 'medium', 'high', 'critical'], severity)
      >= coalesce(list_position(['low', 'medium', 'high', 'critical'], lower($severity)),
                  error('severity is low, medium, high or critical'))
ORDER BY list_position(['low', 'medium', 'high', 'critical'], severity) DESC, opened_at NULLS LAST, id, occurrence
