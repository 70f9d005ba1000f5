-- title: Findings as of a time
-- group: findings
-- description: Which findings about resources and files were open at one instant, by the commits that opened and fixed
--   them. Findings whose opening commit is not known are not in it; how a change landed is an event, and never open.
-- param at: the instant, e.g. 2026-08-01 or 2026-08-01T12:00:00Z; a day alone means its first instant in UTC
SELECT severity, rule_id, title, environment, kind, namespace, name, path, opened_at, opened_by, opened_sha, fixed_at,
       fixed_by, fixed_sha
FROM findings
WHERE source <> 'change' AND opened_at <= $at::TIMESTAMPTZ AND (fixed_at IS NULL OR fixed_at > $at::TIMESTAMPTZ)
ORDER BY list_position(['low', 'medium', 'high', 'critical'], severity) DESC, opened_at, id, occurrence
