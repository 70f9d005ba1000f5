-- What each Kustomize root of the audited tip rendered to, so that the next run renders only what has changed.
-- A cache and no record: it can be emptied at any time, and says nothing that a run does not say again.
CREATE TABLE trail.rendering (
    repo VARCHAR NOT NULL,
    folder VARCHAR NOT NULL,            -- for people; several builds of one folder differ by what is put around it
    key VARCHAR NOT NULL,               -- SHA-256 of all that decided it; '' where it must not be used again
    failure VARCHAR NOT NULL,           -- '' | build | outside | refused | stopped
    message VARCHAR NOT NULL,           -- why it failed, redacted
    documents VARCHAR NOT NULL          -- JSON: what it gave, without manifests but those that Flux goes on from
);

-- The last rendering as a whole: `scope` is a digest of the means it was made with, `complete` says that no root was
-- left out because the renderer was stopped.
CREATE TABLE trail.rendered_tip (
    repo VARCHAR NOT NULL,
    tip VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    complete BOOLEAN NOT NULL
);
