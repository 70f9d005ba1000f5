-- title: Controls of a framework
-- group: findings
-- description: Each control with its rules' state: a control is only as good as its worst rule, and `manual` is what no
--   rule can answer.
-- param framework (default soc2): e.g. soc2, iso27001, pci-dss, nist-800-53, pss-restricted
SELECT control, any_value(title) AS title,
       CASE WHEN bool_and(rule_id = '') THEN 'manual'
            WHEN bool_or(status = 'fail') THEN 'fail' WHEN bool_or(status = 'error') THEN 'error'
            WHEN bool_or(status = 'not evaluated') THEN 'not evaluated' ELSE 'pass' END AS status,
       count(*) FILTER (WHERE rule_id <> '') AS rules, count(*) FILTER (WHERE status = 'fail') AS failing,
       sum(open_findings)::BIGINT AS open_findings
FROM controls
WHERE framework = $framework
GROUP BY control
ORDER BY control
