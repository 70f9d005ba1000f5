-- Base tables live in the schema `trail` and may change; the views in `main` are the contract.
-- No primary keys on large tables: they cost 13 times the load time and 5 times the size.

CREATE SCHEMA trail;

CREATE TABLE trail.repository (
    repo VARCHAR NOT NULL,
    location VARCHAR NOT NULL,
    revision VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE trail.run (
    id VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    tip VARCHAR NOT NULL,
    status VARCHAR NOT NULL,            -- complete | incomplete
    engine VARCHAR NOT NULL,
    engine_version VARCHAR NOT NULL,
    bundle_digest VARCHAR NOT NULL,
    settings_digest VARCHAR NOT NULL,   -- what decides how a path is read: environments, exclusions, actors
    parser_version INTEGER NOT NULL,
    kubernetes_version VARCHAR NOT NULL,
    auditor_version VARCHAR NOT NULL,
    counts MAP(VARCHAR, BIGINT) NOT NULL
);

-- What a run could not evaluate, in groups: never counted as a pass.
CREATE TABLE trail.gap (
    run VARCHAR NOT NULL,
    repo VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,           -- skipped | error
    subject VARCHAR NOT NULL,           -- rule id, path, or stage
    reason VARCHAR NOT NULL,
    occurrences BIGINT NOT NULL,
    example VARCHAR NOT NULL
);

CREATE TABLE trail.commit_record (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    tree VARCHAR NOT NULL,
    parents VARCHAR[] NOT NULL,
    landed BOOLEAN NOT NULL,
    position INTEGER,                   -- 0 at the root, along the first-parent chain
    landed_in VARCHAR NOT NULL,         -- the landing commit that brought this one in (itself if landed)
    author_name VARCHAR NOT NULL,
    author_email VARCHAR NOT NULL,
    authored_at TIMESTAMPTZ NOT NULL,
    author_zone_minutes SMALLINT NOT NULL,
    committer_name VARCHAR NOT NULL,
    committer_email VARCHAR NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL,
    committer_zone_minutes SMALLINT NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    actor_kind VARCHAR NOT NULL,
    pull_request VARCHAR NOT NULL,
    signature_format VARCHAR NOT NULL,
    signature_status VARCHAR NOT NULL,
    signer VARCHAR NOT NULL
);

CREATE TABLE trail.file_change (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    old_path VARCHAR NOT NULL,
    change VARCHAR NOT NULL,
    old_blob VARCHAR NOT NULL,
    new_blob VARCHAR NOT NULL,
    old_mode VARCHAR NOT NULL,
    new_mode VARCHAR NOT NULL,
    landed BOOLEAN NOT NULL
);

-- What each distinct blob says, whatever its path: parsed once.
CREATE TABLE trail.blob (
    repo VARCHAR NOT NULL,
    blob VARCHAR NOT NULL,
    is_kustomization BOOLEAN NOT NULL,
    fragments VARCHAR[] NOT NULL
);

CREATE TABLE trail.document (
    repo VARCHAR NOT NULL,
    blob VARCHAR NOT NULL,
    document INTEGER NOT NULL,
    item INTEGER,
    line INTEGER NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    digest VARCHAR NOT NULL
);

CREATE TABLE trail.problem (
    repo VARCHAR NOT NULL,
    blob VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    col INTEGER NOT NULL,
    document INTEGER NOT NULL
);

-- Each distinct document judged once a rule bundle; only what is not simply a pass has a verdict row.
CREATE TABLE trail.judgement (
    repo VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    evaluated VARCHAR NOT NULL          -- ids of the rules that answered, by blanks: few distinct texts
);

CREATE TABLE trail.verdict (
    repo VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    rule_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    pointer VARCHAR NOT NULL,
    message VARCHAR NOT NULL
);

CREATE TABLE trail.resource_change (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    position INTEGER,
    landed BOOLEAN NOT NULL,
    path VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    change VARCHAR NOT NULL,            -- added | modified | deleted | moved
    old_digest VARCHAR NOT NULL,
    new_digest VARCHAR NOT NULL
);

CREATE TABLE trail.field_change (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    landed BOOLEAN NOT NULL,
    environment VARCHAR NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    pointer VARCHAR NOT NULL,
    old_value VARCHAR,
    new_value VARCHAR
);

-- The state at the audited tip.
CREATE TABLE trail.resource (
    repo VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    sha VARCHAR NOT NULL,
    rendered_from VARCHAR NOT NULL,
    digest VARCHAR NOT NULL
);

CREATE TABLE trail.finding (
    id VARCHAR NOT NULL,
    occurrence INTEGER NOT NULL,        -- a violation that comes back is a new occurrence of the same id
    repo VARCHAR NOT NULL,
    rule_id VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    source VARCHAR NOT NULL,            -- manifest | rendered | file | change
    environment VARCHAR NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    pointer VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    opened_sha VARCHAR NOT NULL,        -- '' where not known (rendered at the tip only)
    opened_by VARCHAR NOT NULL,
    opened_at TIMESTAMPTZ,
    fixed_sha VARCHAR NOT NULL,
    fixed_by VARCHAR NOT NULL,
    fixed_at TIMESTAMPTZ,
    detected_at TIMESTAMPTZ NOT NULL,
    detected_run VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    engine VARCHAR NOT NULL,
    opened_path VARCHAR NOT NULL,       -- the file that brought it in; `path` is where it was seen last
    fixed_path VARCHAR NOT NULL
);

CREATE TABLE trail.rule (
    rule_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    remediation VARCHAR NOT NULL
);

CREATE TABLE trail.control (
    framework VARCHAR NOT NULL,
    control VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    rule_id VARCHAR NOT NULL,           -- '' where the control is left to people
    manual VARCHAR NOT NULL             -- what people have to do, '' if nothing
);

-- How often each rule gave which answer on the documents of the tip.
CREATE TABLE trail.rule_result (
    repo VARCHAR NOT NULL,
    rule_id VARCHAR NOT NULL,
    evaluated BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    errors BIGINT NOT NULL
);

CREATE TABLE trail.drift (
    repo VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    cluster VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    pointer VARCHAR NOT NULL,
    declared VARCHAR NOT NULL,
    live VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    manager VARCHAR NOT NULL,
    changed_at TIMESTAMPTZ,
    actor VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    confidence VARCHAR NOT NULL,
    matches_commit VARCHAR NOT NULL,
    declared_sha VARCHAR NOT NULL,
    declared_by VARCHAR NOT NULL,
    declared_at TIMESTAMPTZ,
    seen_at TIMESTAMPTZ NOT NULL
);

-- That a cluster was compared at all: without it, no drift would prove nothing.
CREATE TABLE trail.cross_check (
    repo VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    cluster VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,
    tip VARCHAR NOT NULL,
    taken_at TIMESTAMPTZ,               -- when the recording was made, where it says so
    seen_at TIMESTAMPTZ NOT NULL,
    compared BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    incomplete VARCHAR[] NOT NULL
);

CREATE TABLE trail.checkpoint (
    size BIGINT NOT NULL,
    root VARCHAR NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    key_id VARCHAR NOT NULL
);

-- The contract.

CREATE VIEW commits AS
SELECT repo, sha, parents, len(parents) > 1 AS is_merge, landed, position, landed_in,
       author_name, author_email, authored_at, committer_name, committer_email, committed_at,
       subject, body, actor_kind, pull_request, signature_format, signature_status, signer
FROM trail.commit_record;

CREATE VIEW file_changes AS
SELECT repo, sha, path, old_path, change, old_blob, new_blob, old_mode, new_mode, landed
FROM trail.file_change;

CREATE VIEW resource_changes AS
SELECT repo, sha, landed, path, environment, api_version, kind, namespace, name, change,
       old_digest, new_digest
FROM trail.resource_change;

CREATE VIEW field_changes AS
SELECT repo, sha, landed, environment, api_version, kind, namespace, name, pointer, old_value, new_value
FROM trail.field_change;

CREATE VIEW resources AS
SELECT repo, environment, api_version, kind, namespace, name, path, line, sha, rendered_from
FROM trail.resource;

CREATE VIEW findings AS
SELECT f.id, f.occurrence, f.repo, f.rule_id, r.title, f.severity,
       CASE WHEN f.fixed_sha <> '' THEN 'fixed' ELSE 'open' END AS state,
       f.source, f.environment, f.api_version, f.kind, f.namespace, f.name, f.path, f.line, f.pointer,
       f.message, f.opened_at, f.opened_sha, f.opened_by, f.fixed_at, f.fixed_sha, f.fixed_by,
       f.detected_at,
       -- A change is an event: it is not open for a time.
       CASE WHEN f.source <> 'change' THEN date_diff('day', f.opened_at, coalesce(f.fixed_at, now())) END AS days_open,
       f.engine, f.opened_path, f.fixed_path
FROM trail.finding f
LEFT JOIN trail.rule r ON r.rule_id = f.rule_id;

CREATE VIEW drift AS
SELECT repo, cluster, environment, api_version, kind, namespace, name, pointer, declared, live, verdict,
       severity, manager, changed_at, actor, evidence, confidence, matches_commit, declared_sha,
       declared_by, declared_at, seen_at
FROM trail.drift;

CREATE VIEW cross_checks AS
SELECT repo, run, cluster, environment, tip, taken_at, seen_at, compared, unknown, incomplete
FROM trail.cross_check;

CREATE VIEW controls AS
WITH open_findings AS (
    SELECT rule_id, count(*) AS n FROM trail.finding WHERE fixed_sha = '' GROUP BY rule_id
), results AS (
    SELECT rule_id, sum(evaluated) AS evaluated, sum(skipped) AS skipped, sum(errors) AS errors
    FROM trail.rule_result GROUP BY rule_id
)
SELECT c.framework, c.control, c.title, c.rule_id,
       CASE
           WHEN c.rule_id = '' THEN 'manual'
           WHEN coalesce(o.n, 0) > 0 THEN 'fail'
           WHEN coalesce(r.errors, 0) > 0 THEN 'error'
           WHEN coalesce(r.skipped, 0) > 0 THEN 'not evaluated'
           WHEN coalesce(r.evaluated, 0) > 0 THEN 'pass'
           ELSE 'not evaluated'
       END AS status,
       coalesce(o.n, 0) AS open_findings,
       coalesce(r.evaluated, 0)::BIGINT AS evaluated,
       c.manual
FROM trail.control c
LEFT JOIN open_findings o ON o.rule_id = c.rule_id
LEFT JOIN results r ON r.rule_id = c.rule_id;

CREATE VIEW runs AS
SELECT id, started_at, finished_at, repo, tip, status, engine, engine_version, bundle_digest,
       kubernetes_version, auditor_version, counts
FROM trail.run;

CREATE VIEW gaps AS
SELECT g.run, g.repo, g.outcome, g.subject, g.reason, g.occurrences, g.example FROM trail.gap g;

CREATE VIEW rules AS
SELECT rule_id, title, description, severity, category, remediation FROM trail.rule;

CREATE VIEW checkpoints AS
SELECT size, root, signed_at, key_id FROM trail.checkpoint;
