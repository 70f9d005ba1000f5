-- What the audited tip's tree says is accepted: the entries of its file of waivers, and what manifests say of
-- themselves in comments and annotations. Said anew by each run.
CREATE TABLE trail.waiver (
    repo VARCHAR NOT NULL,
    source VARCHAR NOT NULL,            -- waiver | comment | annotation
    path VARCHAR NOT NULL,              -- where it is written
    line INTEGER NOT NULL,
    rule VARCHAR NOT NULL,              -- an id, or a glob over ids
    resource VARCHAR NOT NULL,          -- its patterns as `key=glob` with blanks between; '' for comments and annotations
    reason VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    granted DATE,
    expires DATE,                       -- the first day (UTC) on which it no longer holds; NULL for no end
    ticket VARCHAR NOT NULL
);

-- The open findings that each of them fits, whether it still holds or not.
CREATE TABLE trail.waived (
    repo VARCHAR NOT NULL,
    finding VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    rule VARCHAR NOT NULL
);

-- The contract: whether something is waived is decided by the day (UTC) of asking.
CREATE VIEW waivers AS
SELECT w.repo, w.source, w.rule, w.resource, w.reason, w.owner, w.granted, w.expires, w.ticket, w.path, w.line,
       CASE WHEN w.expires <= make_timestamp(epoch_us(now()))::DATE THEN 'expired' ELSE 'holds' END AS state,
       coalesce(f.findings, []) AS findings
FROM trail.waiver w
LEFT JOIN (
    SELECT repo, source, path, line, rule, list(DISTINCT finding ORDER BY finding) AS findings
    FROM trail.waived GROUP BY ALL
) f ON f.repo = w.repo AND f.source = w.source AND f.path = w.path AND f.line = w.line AND f.rule = w.rule;

CREATE OR REPLACE VIEW findings AS
WITH holding AS (
    SELECT DISTINCT x.repo, x.finding
    FROM trail.waived x
    JOIN trail.waiver w
      ON w.repo = x.repo AND w.source = x.source AND w.path = x.path AND w.line = x.line AND w.rule = x.rule
    WHERE w.expires IS NULL OR w.expires > make_timestamp(epoch_us(now()))::DATE
)
SELECT f.id, f.occurrence, f.repo, f.rule_id, r.title, f.severity,
       CASE WHEN f.fixed_sha <> '' OR (f.lost AND f.source <> 'change') THEN 'fixed' WHEN h.finding IS NOT NULL THEN 'waived' ELSE 'open' END AS state,
       f.source, f.environment, f.api_version, f.kind, f.namespace, f.name, f.path, f.line, f.pointer,
       f.message, f.opened_at, f.opened_sha, f.opened_by, f.fixed_at, f.fixed_sha, f.fixed_by,
       f.detected_at,
       CASE WHEN f.source <> 'change' THEN date_diff('day', f.opened_at, coalesce(f.fixed_at, now())) END AS days_open,
       f.engine, f.opened_path, f.fixed_path, coalesce(f.lost, false) AS lost
FROM trail.finding f
LEFT JOIN trail.rule r ON r.rule_id = f.rule_id
LEFT JOIN holding h ON h.repo = f.repo AND h.finding = f.id AND NOT coalesce(f.lost, false);

-- What is waived does not fail a control, and is not passed over in silence.
CREATE OR REPLACE VIEW controls AS
WITH of_rules AS (
    SELECT rule_id, count(*) FILTER (state = 'open') AS open, count(*) FILTER (state = 'waived') AS waived
    FROM findings GROUP BY rule_id
), results AS (
    SELECT rule_id, sum(evaluated) AS evaluated, sum(skipped) AS skipped, sum(errors) AS errors
    FROM trail.rule_result GROUP BY rule_id
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
       coalesce(o.waived, 0) AS waived_findings
FROM trail.control c
LEFT JOIN of_rules o ON o.rule_id = c.rule_id
LEFT JOIN results r ON r.rule_id = c.rule_id;
