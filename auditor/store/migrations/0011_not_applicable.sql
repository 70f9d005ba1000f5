-- Whether the last run of a repository saw all of it: only then does a rule that met nothing say that nothing is
-- there. Runs by parsers before the fourth have a row of zeros for rules that were not asked, too.
CREATE VIEW trail.seen_whole AS
SELECT repo, max_by(status = 'complete' AND parser_version >= 4, finished_at) AS whole FROM trail.run GROUP BY repo;

-- A rule that was asked and had nothing to look at is not applicable, which is no pass. What whoever wrote a rule wants
-- only to be seen fails no control.
CREATE OR REPLACE VIEW controls AS
WITH repositories AS (
    SELECT repo FROM trail.run UNION SELECT repo FROM trail.rule_result UNION SELECT repo FROM trail.finding
), of_rules AS (
    SELECT repo, rule_id, count(*) FILTER (state = 'open' AND NOT advisory) AS open,
           count(*) FILTER (state = 'waived') AS waived, count(*) FILTER (state = 'open' AND advisory) AS advisory
    FROM findings GROUP BY repo, rule_id
), results AS (
    SELECT repo, rule_id, sum(evaluated) AS evaluated, sum(skipped) AS skipped, sum(errors) AS errors
    FROM trail.rule_result GROUP BY repo, rule_id
)
SELECT c.framework, c.control, c.title, c.rule_id,
       CASE
           WHEN c.rule_id = '' THEN 'manual'
           WHEN coalesce(o.open, 0) > 0 THEN 'fail'
           WHEN coalesce(r.errors, 0) > 0 THEN 'error'
           WHEN coalesce(r.skipped, 0) > 0 THEN 'not evaluated'
           WHEN coalesce(r.evaluated, 0) > 0 THEN 'pass'
           WHEN r.rule_id IS NOT NULL AND coalesce(w.whole, false) THEN 'not applicable'
           ELSE 'not evaluated'
       END AS status,
       coalesce(o.open, 0) AS open_findings,
       coalesce(r.evaluated, 0)::BIGINT AS evaluated,
       c.manual,
       coalesce(o.waived, 0) AS waived_findings,
       coalesce(p.repo, '') AS repo,
       coalesce(r.skipped, 0)::BIGINT AS skipped,
       coalesce(r.errors, 0)::BIGINT AS errors,
       coalesce(c.position, 0) AS position,
       coalesce(o.advisory, 0) AS advisory_findings
FROM trail.control c
LEFT JOIN repositories p ON true
LEFT JOIN of_rules o ON o.repo = p.repo AND o.rule_id = c.rule_id
LEFT JOIN results r ON r.repo = p.repo AND r.rule_id = c.rule_id
LEFT JOIN trail.seen_whole w ON w.repo = p.repo;
