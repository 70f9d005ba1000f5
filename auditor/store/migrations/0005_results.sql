-- Digests of parts of what the last run found (see auditor/store/results.py), so that the next run digests only what
-- it has touched. A cache and no proof: emptied, the next run computes all of them anew.
CREATE TABLE trail.result_bucket (
    repo VARCHAR NOT NULL,
    name VARCHAR NOT NULL,              -- of the table
    bucket VARCHAR NOT NULL,            -- the last characters of the rows' key
    digest VARCHAR NOT NULL             -- SHA-256 over the sorted SHA-256s of the rows
);

-- By when each commit had landed: it and all before it were committed by then, or a run had seen it.
CREATE VIEW landings AS
WITH recorded AS (
    SELECT t.repo, t.position, min(r.finished_at) OVER (PARTITION BY t.repo ORDER BY t.position DESC) AS at
    FROM runs r JOIN commits t ON t.repo = r.repo AND t.sha = r.tip AND t.landed
)
SELECT c.repo, c.sha, c.position,
       least(max(c.committed_at) OVER (PARTITION BY c.repo ORDER BY c.position), s.at) AS landed_at
FROM commits c ASOF LEFT JOIN recorded s ON s.repo = c.repo AND s.position >= c.position
WHERE c.landed;
