-- title: Controls of a framework
-- group: findings
-- description: Each control with its rules' state: a control is only as good as its worst rule, and `manual` is what no
--   rule can answer.
-- param framework (default soc2): e.g. soc2, iso27001, pci-dss, nist-800-53, pss-restricted
-- param repo (default ''): one repository by its name; all of them together by default
WITH of_rule AS (
    SELECT control, rule_id, any_value(title) AS title, min(position) AS position,
           CASE WHEN rule_id = '' THEN 'manual' WHEN sum(open_findings) > 0 THEN 'fail'
                WHEN sum(errors) > 0 THEN 'error'
                WHEN sum(skipped) > 0 OR sum(evaluated) = 0 THEN 'not evaluated' ELSE 'pass' END AS status,
           sum(open_findings) AS open_findings
    FROM controls
    WHERE framework = $framework AND ($repo = '' OR repo = $repo)
    GROUP BY control, rule_id
)
SELECT control, any_value(title) AS title,
       CASE WHEN bool_and(rule_id = '') THEN 'manual'
            WHEN bool_or(status = 'fail') THEN 'fail' WHEN bool_or(status = 'error') THEN 'error'
            WHEN bool_or(status = 'not evaluated') THEN 'not evaluated' ELSE 'pass' END AS status,
       count(*) FILTER (WHERE rule_id <> '') AS rules, count(*) FILTER (WHERE status = 'fail') AS failing,
       sum(open_findings)::BIGINT AS open_findings
FROM of_rule
GROUP BY control
ORDER BY min(position), control
