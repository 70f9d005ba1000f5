-- Where the fields of findings on what is rendered come from, as it was at the last audited tip: first the place that
-- gives the value, then what it went through, up to what deploys it.
CREATE TABLE trail.trace (
    repo VARCHAR NOT NULL,
    finding VARCHAR NOT NULL,
    position INTEGER NOT NULL,          -- 0 is the source
    path VARCHAR NOT NULL,
    line INTEGER NOT NULL,              -- 0 where the whole file is meant
    "column" INTEGER NOT NULL,
    what VARCHAR NOT NULL,              -- what the place does, in words
    exact BOOLEAN NOT NULL,             -- whether the source is known to have written the value
    sha VARCHAR NOT NULL,               -- the landed commit that last wrote the source's line; '' where not known
    key VARCHAR NOT NULL                -- SHA-256 of all that decided it, '' where it must not be used again
);

-- The contract.
CREATE VIEW traces AS
SELECT repo, finding, position, path, line, "column", what, exact, sha FROM trail.trace;
