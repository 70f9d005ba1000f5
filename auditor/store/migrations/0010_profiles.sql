-- By which parameters a document was judged: '' for those that hold in general, else the digest of an environment's own
-- (`policies.environments`). A document that stands in environments of different parameters has a judgement for each.
ALTER TABLE trail.judgement ADD COLUMN profile VARCHAR DEFAULT '';
ALTER TABLE trail.verdict ADD COLUMN profile VARCHAR DEFAULT '';

-- Whether whoever wrote the rule wants its findings to be seen and to fail nothing (Gatekeeper's `dryrun`, an admission
-- policy that only audits). It stands in the finding, since the next run may be with other rules.
ALTER TABLE trail.finding ADD COLUMN advisory BOOLEAN DEFAULT false;
ALTER TABLE trail.rule ADD COLUMN advisory BOOLEAN DEFAULT false;

-- What a reader of a run's verdicts should know of the rules that were asked.
CREATE TABLE trail.remark (
    run VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    remark VARCHAR NOT NULL
);

-- The contract.
CREATE VIEW remarks AS
SELECT run, repo, position, remark FROM trail.remark;

CREATE OR REPLACE VIEW rules AS
SELECT rule_id, title, description, severity, category, remediation, coalesce(advisory, false) AS advisory
FROM trail.rule;

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
       f.engine, f.opened_path, f.fixed_path, coalesce(f.lost, false) AS lost,
       coalesce(f.advisory, false) AS advisory
FROM trail.finding f
LEFT JOIN trail.rule r ON r.rule_id = f.rule_id
LEFT JOIN holding h ON h.repo = f.repo AND h.finding = f.id AND NOT coalesce(f.lost, false);
