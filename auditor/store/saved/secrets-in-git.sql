-- title: Secrets in git
-- group: findings
-- description: Findings of the rules about secrets, fixed ones too: what was once in git stays in its history, so
--   a fix without a changed password is none.
SELECT state, severity, rule_id, title, environment, kind, namespace, name, path, opened_at, opened_by, opened_sha,
       fixed_at, fixed_by, fixed_sha
FROM findings
WHERE rule_id IN (SELECT rule_id FROM rules WHERE category = 'secrets')
ORDER BY opened_at NULLS LAST, id, occurrence
