-- What a forge (GitHub, GitLab, Gitea, Forgejo) told of requests, and how landed commits and requests belong together.
--
-- Each row is what was told at `fetched_at`; a later truth is a new row, and only rows that differ from the last of
-- the same key are added. What a forge does not list any more is a row with `gone`. NULL is what it does not tell.

CREATE TABLE trail.pull_request (
    repo VARCHAR NOT NULL,
    forge VARCHAR NOT NULL,             -- github | gitlab | gitea
    number BIGINT NOT NULL,
    url VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    has_body BOOLEAN NOT NULL,
    body VARCHAR NOT NULL,              -- its first 10,000 characters
    state VARCHAR NOT NULL,             -- open | merged | closed
    author VARCHAR NOT NULL,
    author_name VARCHAR NOT NULL,
    author_email VARCHAR NOT NULL,
    author_is_bot BOOLEAN NOT NULL,
    base_branch VARCHAR NOT NULL,
    head_branch VARCHAR NOT NULL,
    head_sha VARCHAR NOT NULL,
    merge_sha VARCHAR NOT NULL,         -- '' until it landed
    squash_sha VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    merged_at TIMESTAMPTZ,
    merged_by VARCHAR,
    labels VARCHAR[] NOT NULL,
    unknown VARCHAR[] NOT NULL,         -- of commits, reviews, checks: what the forge did not tell, or not wholly
    fetched_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE trail.review (
    repo VARCHAR NOT NULL,
    forge VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    id VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    reviewer_name VARCHAR NOT NULL,
    reviewer_email VARCHAR NOT NULL,
    reviewer_is_bot BOOLEAN NOT NULL,
    state VARCHAR NOT NULL,             -- approved | changes_requested | commented | dismissed
    commit_sha VARCHAR NOT NULL,        -- the head that was reviewed; '' where it is not told
    submitted_at TIMESTAMPTZ,
    stale BOOLEAN,
    official BOOLEAN,
    gone BOOLEAN NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE trail.request_commit (
    repo VARCHAR NOT NULL,
    forge VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    sha VARCHAR NOT NULL,
    position INTEGER NOT NULL,          -- in the request, from 0
    author VARCHAR,                     -- NULL: the forge knows no account for the address
    author_is_bot BOOLEAN NOT NULL,
    author_name VARCHAR NOT NULL,
    author_email VARCHAR NOT NULL,
    committer VARCHAR,
    committer_email VARCHAR NOT NULL,
    authored_at TIMESTAMPTZ,
    subject VARCHAR NOT NULL,
    parents VARCHAR[] NOT NULL,
    co_authors VARCHAR[] NOT NULL,
    gone BOOLEAN NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

CREATE TABLE trail.check_result (
    repo VARCHAR NOT NULL,
    forge VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    sha VARCHAR NOT NULL,               -- the head that was checked
    name VARCHAR NOT NULL,
    state VARCHAR NOT NULL,             -- success | failure | pending | neutral
    completed_at TIMESTAMPTZ,
    url VARCHAR NOT NULL,
    gone BOOLEAN NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

-- Landed commits about which a forge had something to say. Without a row, nothing is confirmed.
CREATE TABLE trail.change_unit (
    repo VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    forge VARCHAR NOT NULL,
    number BIGINT,                      -- NULL: no request landed as this commit
    url VARCHAR NOT NULL,
    claimed VARCHAR NOT NULL,
    confirmed VARCHAR NOT NULL,         -- confirmed | contradicted | not confirmed by a forge
    method VARCHAR NOT NULL,            -- merge | squash | rebase | fast-forward | ''
    reason VARCHAR NOT NULL,
    side VARCHAR[] NOT NULL,
    same_patch VARCHAR[] NOT NULL,      -- approved heads whose whole patch is the one that landed
    other_patch VARCHAR[] NOT NULL,     -- approved heads of which it is not
    decided_at TIMESTAMPTZ NOT NULL,
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);

-- Where to go on asking. Not a record: it may be lost, and everything is asked for again.
CREATE TABLE trail.forge_cursor (
    repo VARCHAR NOT NULL,
    forge VARCHAR NOT NULL,
    source VARCHAR NOT NULL,            -- server and repository: another one begins anew
    updated_at TIMESTAMPTZ,             -- of the last request that was recorded
    complete_at TIMESTAMPTZ,            -- when everything had been told last
    joined VARCHAR NOT NULL             -- the line of landings that was held against it; '' unless complete
);

CREATE VIEW trail.current_review AS
SELECT repo, forge, number, id, r.reviewer AS reviewer, r.reviewer_name AS reviewer_name,
       r.reviewer_email AS reviewer_email, r.reviewer_is_bot AS reviewer_is_bot, r.state AS state,
       r.commit_sha AS commit_sha, r.submitted_at AS submitted_at, r.stale AS stale, r.official AS official,
       r.fetched_at AS fetched_at
FROM (SELECT repo, forge, number, id, arg_max(v, v.seq) AS r FROM trail.review v GROUP BY repo, forge, number, id)
WHERE NOT r.gone;

CREATE VIEW trail.current_request AS
SELECT repo, forge, number, r.url AS url, r.title AS title, r.has_body AS has_body, r.body AS body,
       r.state AS state, r.author AS author, r.author_name AS author_name, r.author_email AS author_email,
       r.author_is_bot AS author_is_bot, r.base_branch AS base_branch, r.head_branch AS head_branch,
       r.head_sha AS head_sha, r.merge_sha AS merge_sha, r.squash_sha AS squash_sha, r.created_at AS created_at,
       r.updated_at AS updated_at, r.merged_at AS merged_at, r.merged_by AS merged_by, r.labels AS labels,
       r.unknown AS unknown, r.fetched_at AS fetched_at
FROM (SELECT repo, forge, number, arg_max(p, p.seq) AS r FROM trail.pull_request p GROUP BY repo, forge, number);

-- The last decisive review of each reviewer before the merge, where it is an approval. Merging is not approving.
CREATE VIEW trail.approver AS
SELECT v.repo, v.forge, v.number, v.reviewer
FROM trail.current_review v
JOIN trail.current_request p ON p.repo = v.repo AND p.forge = v.forge AND p.number = v.number
WHERE v.state <> 'commented' AND (p.merged_at IS NULL OR v.submitted_at IS NULL OR v.submitted_at <= p.merged_at)
GROUP BY v.repo, v.forge, v.number, v.reviewer
HAVING arg_max(v.state, (coalesce(v.submitted_at, '-infinity'::TIMESTAMPTZ), v.id)) = 'approved'
   AND NOT bool_or(v.reviewer_is_bot);

-- The contract --------------------------------------------------------------------------------------------------

CREATE VIEW pull_requests AS
SELECT p.repo, p.forge, p.number, p.url, p.title, p.author, p.state, p.base_branch, p.head_branch, p.head_sha,
       p.merge_sha, p.created_at, p.merged_at, p.merged_by, p.labels, p.has_body,
       CASE WHEN list_contains(p.unknown, 'reviews') THEN NULL ELSE coalesce(a.approvals, 0) END AS approvals,
       p.updated_at, p.fetched_at
FROM trail.current_request p
LEFT JOIN (SELECT repo, forge, number, count(*) AS approvals FROM trail.approver GROUP BY ALL) a
       ON a.repo = p.repo AND a.forge = p.forge AND a.number = p.number;

CREATE VIEW reviews AS
SELECT repo, forge, number, id, reviewer, state, commit_sha, submitted_at, stale, official, fetched_at
FROM trail.current_review;

CREATE VIEW checks AS
SELECT repo, forge, number, sha, name, c.state AS state, c.completed_at AS completed_at, c.url AS url,
       c.fetched_at AS fetched_at
FROM (SELECT repo, forge, number, sha, name, arg_max(t, t.seq) AS c FROM trail.check_result t
      GROUP BY repo, forge, number, sha, name)
WHERE NOT c.gone;

CREATE VIEW change_units AS
WITH unit AS (
    SELECT repo, sha, arg_max(u, u.seq) AS u FROM trail.change_unit u GROUP BY repo, sha
), approvers AS (
    SELECT repo, forge, number, list(reviewer ORDER BY reviewer) AS approvers FROM trail.approver GROUP BY ALL
), side AS (
    SELECT repo, landed_in, list(sha ORDER BY sha) AS side FROM commits
    WHERE NOT landed AND NOT lost AND landed_in IS NOT NULL GROUP BY repo, landed_in
)
SELECT c.repo, c.sha, c.committed_at AS landed_at, u.u.number AS number, coalesce(u.u.url, '') AS url,
       c.pull_request AS claimed, coalesce(u.u.confirmed, 'not confirmed by a forge') AS confirmed,
       coalesce(u.u.method, '') AS method, coalesce(u.u.reason, 'no forge was asked') AS reason,
       CASE WHEN u.u.number IS NOT NULL THEN p.author ELSE c.author_name END AS author,
       CASE WHEN u.u.number IS NOT NULL THEN coalesce(a.approvers, []) END AS approvers,
       p.merged_by, coalesce(s.side, []) AS side_commits
FROM commits c
LEFT JOIN unit u ON u.repo = c.repo AND u.sha = c.sha
LEFT JOIN trail.current_request p ON p.repo = c.repo AND p.forge = u.u.forge AND p.number = u.u.number
LEFT JOIN approvers a ON a.repo = c.repo AND a.forge = u.u.forge AND a.number = u.u.number
LEFT JOIN side s ON s.repo = c.repo AND s.landed_in = c.sha
WHERE c.landed;
