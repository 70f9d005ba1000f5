-- title: Controls of a framework
-- group: findings
-- description: Each control with its rules' state: a control is only as good as its worst rule. Rules that have nothing to
--   judge are left out of that; `not applicable` is a control of which all have nothing, `manual` what no rule answers.
-- param framework (default soc2): e.g. soc2, iso27001, pci-dss, nist-800-53, pss-restricted
-- param repo (default ''): one repository by its name; all of them together by default
WITH of_rule AS (
    SELECT control, rule_id, any_value(title) AS title, min(position) AS position,
           arg_min(status, list_position(['fail', 'error', 'not evaluated', 'pass', 'manual', 'not applicable'],
                                         status)) AS status,
           sum(open_findings) AS open_findings, sum(waived_findings) AS waived_findings
    FROM controls
    WHERE framework = $framework AND ($repo = '' OR repo = $repo)
    GROUP BY control, rule_id
)
SELECT control, any_value(title) AS title,
       arg_min(status, list_position(['fail', 'error', 'not evaluated', 'pass', 'manual', 'not applicable'],
                                     status)) AS status,
       count(*) FILTER (WHERE rule_id <> '') AS rules, count(*) FILTER (WHERE status = 'fail') AS failing,
       sum(open_findings)::BIGINT AS open_findings,
       count(*) FILTER (WHERE status = 'not applicable') AS not_applicable,
       sum(waived_findings)::BIGINT AS waived_findings
FROM of_rule
GROUP BY control
ORDER BY min(position), control
