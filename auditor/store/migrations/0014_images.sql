-- What each document says of images, by its digest: written ones and rendered ones alike.
CREATE TABLE trail.image_reference (
    repo VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    pointer VARCHAR NOT NULL,
    field VARCHAR NOT NULL,             -- container | init | ephemeral | helm-values | kustomize-images | ...
    image VARCHAR NOT NULL,             -- as written, pieces put together
    registry VARCHAR NOT NULL,          -- '' and so on where it cannot be taken apart: a variable, for one
    repository VARCHAR NOT NULL,
    tag VARCHAR NOT NULL,
    image_digest VARCHAR NOT NULL,
    pointers VARCHAR[] NOT NULL         -- the fields that it is written in
);

-- The files whose images and markers have been read; the markers of image automation in them.
CREATE TABLE trail.image_file (
    repo VARCHAR NOT NULL,
    content VARCHAR NOT NULL            -- the blob, and how it is read where that is not a manifest's usual way
);
CREATE TABLE trail.image_marker (
    repo VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,            -- of the document that it is in
    pointer VARCHAR NOT NULL,
    policy VARCHAR NOT NULL,            -- namespace/name of the ImagePolicy
    part VARCHAR NOT NULL,              -- '' | tag | name | digest
    line INTEGER NOT NULL
);

-- Which content stands at which path of the audited tip: only files with markers.
CREATE TABLE trail.marked_file (
    repo VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    content VARCHAR NOT NULL
);

-- What registries said of a reference, each time that somebody asked.
CREATE TABLE trail.registry_fact (
    registry VARCHAR NOT NULL,
    repository VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,         -- a tag or a digest
    digest VARCHAR NOT NULL,            -- what it is now; '' where there is none
    signed BOOLEAN,                     -- NULL where that is not known
    evidence VARCHAR NOT NULL,          -- how a signature was seen: tag | referrers | ''
    failure VARCHAR NOT NULL,           -- why nothing is known; '' where it is
    observed_at TIMESTAMPTZ NOT NULL
);

CREATE VIEW images AS
WITH here AS (
    SELECT r.repo, r.environment, r.path, r.api_version, regexp_extract(r.api_version, '(.*)/', 1) AS grp, r.kind,
           r.namespace, r.name, r.rendered_from, r.digest AS document, i.pointer, i.field, i.image, i.registry,
           i.repository, i.tag, i.image_digest, i.pointers
    FROM trail.resource r JOIN trail.image_reference i ON i.repo = r.repo AND i.digest = r.digest
), piece AS (
    SELECT DISTINCT repo, environment, grp, kind, namespace, name, pointer, unnest(pointers) AS part
    FROM here WHERE rendered_from = ''
), brought AS (
    SELECT p.repo, p.environment, p.grp, p.kind, p.namespace, p.name, p.pointer, arg_max(f.sha, f.position) AS sha
    FROM piece p JOIN field_changes f
      ON f.repo = p.repo AND f.environment = p.environment AND regexp_extract(f.api_version, '(.*)/', 1) = p.grp
     AND f.kind = p.kind AND f.namespace = p.namespace AND f.name = p.name AND f.pointer = p.part AND f.landed
    GROUP BY ALL
), written AS (
    SELECT h.*, b.sha AS since_sha, c.committed_at AS since, c.position
    FROM here h
    LEFT JOIN brought b ON b.repo = h.repo AND b.environment = h.environment AND b.grp = h.grp AND b.kind = h.kind
         AND b.namespace = h.namespace AND b.name = h.name AND b.pointer = h.pointer
    LEFT JOIN commits c ON c.repo = b.repo AND c.sha = b.sha
    WHERE h.rendered_from = ''
), same AS (
    -- What is rendered came with the written reference to the same image: the last one of its environment, or of any
    -- (a base is rendered into many) where its own has none.
    SELECT repo, environment, registry, repository, tag, image_digest,
           arg_max(since_sha, position) AS since_sha, arg_max(since, position) AS since
    FROM written WHERE since_sha IS NOT NULL AND registry <> '' GROUP BY ALL
), anywhere AS (
    SELECT repo, registry, repository, tag, image_digest,
           arg_max(since_sha, position) AS since_sha, arg_max(since, position) AS since
    FROM written WHERE since_sha IS NOT NULL AND registry <> '' GROUP BY ALL
), everything AS (
    SELECT * EXCLUDE (position) FROM written
    UNION ALL
    SELECT h.*, coalesce(s.since_sha, a.since_sha), coalesce(s.since, a.since)
    FROM here h LEFT JOIN same s ON s.repo = h.repo AND s.environment = h.environment AND s.registry = h.registry
         AND s.repository = h.repository AND s.tag = h.tag AND s.image_digest = h.image_digest
    LEFT JOIN anywhere a ON a.repo = h.repo AND a.registry = h.registry AND a.repository = h.repository
         AND a.tag = h.tag AND a.image_digest = h.image_digest
    WHERE h.rendered_from <> ''
), marked AS (
    SELECT f.repo, f.path, m.digest, m.pointer, string_agg(DISTINCT m.policy, ' ' ORDER BY m.policy) AS policy
    FROM trail.marked_file f JOIN trail.image_marker m ON m.repo = f.repo AND m.content = f.content
    GROUP BY ALL
)
SELECT e.repo, e.environment, e.path, e.api_version, e.kind, e.namespace, e.name, e.pointer, e.field, e.image,
       e.registry, e.repository, e.tag, e.image_digest AS digest, e.image_digest <> '' AS pinned,
       coalesce(e.since_sha, '') AS since_sha, e.since, e.rendered_from <> '' AS rendered, e.rendered_from,
       coalesce((SELECT string_agg(DISTINCT m.policy, ' ' ORDER BY m.policy) FROM marked m
                 WHERE m.repo = e.repo AND m.path = e.path AND m.digest = e.document
                   AND list_contains(e.pointers, m.pointer) AND e.rendered_from = ''), '') AS policy
FROM everything e;

CREATE VIEW registry_facts AS
SELECT registry, repository, reference, digest, signed, evidence, failure, observed_at FROM trail.registry_fact;
