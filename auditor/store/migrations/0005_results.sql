-- Digests of parts of what the last run found (see auditor/store/results.py), so that the next run digests only what
-- it has touched. A cache and no proof: emptied, the next run computes all of them anew.
CREATE TABLE trail.result_bucket (
    repo VARCHAR NOT NULL,
    name VARCHAR NOT NULL,              -- of the table
    bucket VARCHAR NOT NULL,            -- the last characters of the rows' key
    digest VARCHAR NOT NULL             -- SHA-256 over the sorted SHA-256s of the rows
);
