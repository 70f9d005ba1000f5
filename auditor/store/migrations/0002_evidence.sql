-- Append-only records with a place in the trail's log, history by generation, fields, refs, signatures.
--
-- What an earlier version derived from git is read from git again (its runs stay, so that it is known that they
-- were): the next scan finds a run by another parser version, and records the whole history.

DROP VIEW commits;
DROP VIEW file_changes;
DROP VIEW resource_changes;
DROP VIEW field_changes;
DROP VIEW checkpoints;
DROP TABLE trail.commit_record;
DROP TABLE trail.file_change;
DROP TABLE trail.resource_change;
DROP TABLE trail.field_change;
DROP TABLE trail.checkpoint;

-- The log ---------------------------------------------------------------------------------------------------
-- Every record table has `seq`: the record's place in the log, from 0, without gaps over all tables together.
-- Rows of such a table are only ever added. What a record is made of is said in auditor/trail/records.py.

-- The leaf hashes: they tell which record is wrong; the tree's root tells that none of them was exchanged.
CREATE TABLE trail.leaf (
    seq BIGINT NOT NULL,
    hash BLOB NOT NULL
);

-- The tree after each run. `frontier` holds the roots of its complete subtrees, largest first, 32 bytes each.
CREATE TABLE trail.tree_head (
    size BIGINT NOT NULL,
    root BLOB NOT NULL,
    frontier BLOB NOT NULL,
    run VARCHAR NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);

-- Signed heads. `note` is the whole signed note; the same text went to the places outside.
CREATE TABLE trail.checkpoint (
    size BIGINT NOT NULL,
    root VARCHAR NOT NULL,              -- base64
    signed_at TIMESTAMPTZ NOT NULL,
    key_id VARCHAR NOT NULL,            -- name and hash of the key: `name+01234567`
    note VARCHAR NOT NULL
);

-- Commits -----------------------------------------------------------------------------------------------------

-- What the commit object says: true for ever.
CREATE TABLE trail.commit_record (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    tree VARCHAR NOT NULL,
    parents VARCHAR[] NOT NULL,
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
    signature_format VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

-- One reading of a repository's line of landings, under one configuration. A rewritten history, another landing
-- line, other environments, exclusions or actors, or another parser begin a new one; the earlier ones stay.
CREATE TABLE trail.generation (
    repo VARCHAR NOT NULL,
    generation INTEGER NOT NULL,        -- from 1; the highest is what the views show
    run VARCHAR NOT NULL,               -- the run that began it
    reason VARCHAR NOT NULL,            -- first | reading-changed | history-rewritten | line-changed
    seq BIGINT NOT NULL
);

-- How a commit came in, and from whom, as one generation reads it.
CREATE TABLE trail.landing (
    repo VARCHAR NOT NULL,
    generation INTEGER NOT NULL,
    sha VARCHAR NOT NULL,
    landed BOOLEAN NOT NULL,
    position INTEGER,                   -- 0 at the root, along the first-parent chain; NULL on side branches
    landed_in VARCHAR NOT NULL,         -- the landing commit that brought this one in (itself if landed)
    actor_kind VARCHAR NOT NULL,
    pull_request VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

-- Commits that a ref no longer reaches, and those that came back.
CREATE TABLE trail.commit_loss (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    lost BOOLEAN NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE trail.ref_observation (
    repo VARCHAR NOT NULL,
    ref VARCHAR NOT NULL,
    old_sha VARCHAR NOT NULL,           -- '' where the ref was not there before
    new_sha VARCHAR NOT NULL,           -- '' where it is gone
    move VARCHAR NOT NULL,              -- created | advanced | rewritten | moved | deleted
    seen_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE trail.signature_check (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    signer VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    trust VARCHAR NOT NULL,             -- digest of the trust store that it was held against
    reason VARCHAR NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

-- Changes -----------------------------------------------------------------------------------------------------

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
    seq BIGINT NOT NULL
);

CREATE TABLE trail.resource_change (
    repo VARCHAR NOT NULL,
    generation INTEGER NOT NULL,
    sha VARCHAR NOT NULL,
    position INTEGER,
    landed BOOLEAN NOT NULL,            -- false: what a side commit did, before it was brought in
    path VARCHAR NOT NULL,
    old_path VARCHAR NOT NULL,          -- '' unless the resource came from another file
    environment VARCHAR NOT NULL,
    api_version VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    change VARCHAR NOT NULL,            -- added | modified | deleted | moved
    old_digest VARCHAR NOT NULL,
    new_digest VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

-- What lies between two versions of a resource, whoever went from one to the other and wherever. '' is absence:
-- all fields of a version stand once against '' where it was added or deleted. A record is all rows of a pair.
CREATE TABLE trail.field_diff (
    repo VARCHAR NOT NULL,
    old_digest VARCHAR NOT NULL,
    new_digest VARCHAR NOT NULL,
    pointer VARCHAR NOT NULL,           -- by list key, the same text as in findings and drift
    old_value VARCHAR,                  -- JSON; NULL where the field was not there
    new_value VARCHAR,
    seq BIGINT NOT NULL
);

-- A blob that says something else where its file is named as a kustomization (one without apiVersion and kind) is
-- read, and stands here, once for each sort of names under which it was met. All others stand here as false.
ALTER TABLE trail.blob ADD COLUMN as_kustomization BOOLEAN DEFAULT false;
ALTER TABLE trail.document ADD COLUMN as_kustomization BOOLEAN DEFAULT false;
ALTER TABLE trail.problem ADD COLUMN as_kustomization BOOLEAN DEFAULT false;

-- Which two-way comparisons were made, those without a difference too.
ALTER TABLE trail.run ADD COLUMN generation INTEGER;
ALTER TABLE trail.run ADD COLUMN results_digest VARCHAR;   -- SHA-256 of what the run found; see auditor/trail
ALTER TABLE trail.run ADD COLUMN judging_digest VARCHAR;   -- what decides how changes are judged: people, freezes, forge
ALTER TABLE trail.run ADD COLUMN seq BIGINT;               -- NULL for runs from before there was a log
ALTER TABLE trail.finding ADD COLUMN lost BOOLEAN DEFAULT false;  -- a commit that it rests on is not in the history any more

-- The contract --------------------------------------------------------------------------------------------------

CREATE VIEW trail.current_generation AS
SELECT repo, max(generation) AS generation FROM trail.generation GROUP BY repo;

CREATE VIEW commits AS
WITH reading AS (
    -- A commit that the current generation does not know is told as the last one that did read it.
    SELECT l.repo, l.sha, arg_max(l, l.generation) AS l, max(l.generation) = any_value(g.generation) AS is_current
    FROM trail.landing l JOIN trail.current_generation g ON g.repo = l.repo
    GROUP BY l.repo, l.sha
), loss AS (
    SELECT repo, sha, arg_max(lost, seq) AS lost FROM trail.commit_loss GROUP BY repo, sha
), signature AS (
    SELECT repo, sha, arg_max(s, s.seq) AS s FROM trail.signature_check s GROUP BY repo, sha
)
SELECT c.repo, c.sha, c.parents, len(c.parents) > 1 AS is_merge,
       coalesce(r.is_current AND r.l.landed, false) AS landed,
       CASE WHEN r.is_current THEN r.l.position END AS position, r.l.landed_in AS landed_in,
       c.author_name, c.author_email, c.authored_at, c.committer_name, c.committer_email, c.committed_at,
       c.subject, c.body, r.l.actor_kind AS actor_kind, r.l.pull_request AS pull_request,
       c.signature_format,
       CASE WHEN c.signature_format = '' THEN 'none' ELSE coalesce(g.s.status, 'unchecked') END AS signature_status,
       coalesce(g.s.signer, '') AS signer,
       coalesce(x.lost, false) AS lost
FROM trail.commit_record c
LEFT JOIN reading r ON r.repo = c.repo AND r.sha = c.sha
LEFT JOIN loss x ON x.repo = c.repo AND x.sha = c.sha
LEFT JOIN signature g ON g.repo = c.repo AND g.sha = c.sha;

CREATE VIEW file_changes AS
SELECT f.repo, f.sha, f.path, f.old_path, f.change, f.old_blob, f.new_blob, f.old_mode, f.new_mode, c.landed
FROM trail.file_change f
LEFT JOIN commits c ON c.repo = f.repo AND c.sha = f.sha;

CREATE VIEW resource_changes AS
SELECT r.repo, r.sha, r.landed, r.position, r.path, r.old_path, r.environment, r.api_version, r.kind, r.namespace,
       r.name, r.change, r.old_digest, r.new_digest
FROM trail.resource_change r
JOIN trail.current_generation g ON g.repo = r.repo AND g.generation = r.generation;

CREATE VIEW field_changes AS
SELECT r.repo, r.sha, r.landed, r.position, r.path, r.environment, r.api_version, r.kind, r.namespace, r.name,
       f.pointer, f.old_value, f.new_value
FROM resource_changes r
JOIN trail.field_diff f ON f.repo = r.repo AND f.old_digest = r.old_digest AND f.new_digest = r.new_digest;

CREATE VIEW ref_observations AS
SELECT repo, ref, old_sha, new_sha, move, seen_at, run FROM trail.ref_observation;

CREATE VIEW checkpoints AS
SELECT size, root, signed_at, key_id FROM trail.checkpoint;

CREATE OR REPLACE VIEW runs AS
SELECT id, started_at, finished_at, repo, tip, status, engine, engine_version, bundle_digest,
       kubernetes_version, auditor_version, counts, generation
FROM trail.run;

CREATE OR REPLACE VIEW findings AS
SELECT f.id, f.occurrence, f.repo, f.rule_id, r.title, f.severity,
       CASE WHEN f.fixed_sha <> '' OR (f.lost AND f.source <> 'change') THEN 'fixed' ELSE 'open' END AS state,
       f.source, f.environment, f.api_version, f.kind, f.namespace, f.name, f.path, f.line, f.pointer,
       f.message, f.opened_at, f.opened_sha, f.opened_by, f.fixed_at, f.fixed_sha, f.fixed_by,
       f.detected_at,
       -- A change is an event: it is not open for a time.
       CASE WHEN f.source <> 'change' THEN date_diff('day', f.opened_at, coalesce(f.fixed_at, now())) END AS days_open,
       f.engine, f.opened_path, f.fixed_path, coalesce(f.lost, false) AS lost
FROM trail.finding f
LEFT JOIN trail.rule r ON r.rule_id = f.rule_id;
