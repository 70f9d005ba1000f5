-- What a framework is: which text in which version its controls are of, where identifiers and titles were taken from,
-- which sections are here, and whether the titles are our wording. Said anew by each run, as the controls are.
CREATE TABLE trail.framework (
    framework VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    titled_by_us BOOLEAN NOT NULL
);

-- The place of a control in its framework, from 0; NULL where an older version wrote it.
ALTER TABLE trail.control ADD COLUMN position INTEGER;

CREATE VIEW frameworks AS
SELECT framework, title, version, url, source, scope, titled_by_us FROM trail.framework;

-- One row a rule of a control and repository: what holds in one repository says nothing of another.
CREATE OR REPLACE VIEW controls AS
WITH repositories AS (
    SELECT repo FROM trail.run UNION SELECT repo FROM trail.rule_result UNION SELECT repo FROM trail.finding
), of_rules AS (
    SELECT repo, rule_id, count(*) FILTER (state = 'open') AS open, count(*) FILTER (state = 'waived') AS waived
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
           ELSE 'not evaluated'
       END AS status,
       coalesce(o.open, 0) AS open_findings,
       coalesce(r.evaluated, 0)::BIGINT AS evaluated,
       c.manual,
       coalesce(o.waived, 0) AS waived_findings,
       coalesce(p.repo, '') AS repo,
       coalesce(r.skipped, 0)::BIGINT AS skipped,
       coalesce(r.errors, 0)::BIGINT AS errors,
       coalesce(c.position, 0) AS position
FROM trail.control c
LEFT JOIN repositories p ON true
LEFT JOIN of_rules o ON o.repo = p.repo AND o.rule_id = c.rule_id
LEFT JOIN results r ON r.repo = p.repo AND r.rule_id = c.rule_id;
