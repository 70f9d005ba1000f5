-- title: Oldest open findings
-- group: findings
-- description: What has been wrong for longest. Findings whose commit is not known (rendered only) are not in it.
-- param limit (default 20): how many to show
SELECT opened_at, days_open, severity, rule_id, title, environment, kind, namespace, name, path, opened_by, opened_sha
FROM findings
WHERE source <> 'change' AND state = 'open' AND opened_at IS NOT NULL
ORDER BY opened_at, id, occurrence
LIMIT (SELECT $limit::UINTEGER)
