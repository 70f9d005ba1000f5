-- title: Reverts
-- group: changes
-- description: Landed commits that say they take another one back, with that commit where it is known. What a
--   message says is a claim.
WITH claims AS (
    SELECT *, regexp_extract(body, 'This reverts commit ([0-9a-f]{7,64})', 1) AS reverted
    FROM commits
    WHERE landed AND (starts_with(subject, 'Revert "') OR regexp_matches(body, 'This reverts commit [0-9a-f]{7,64}'))
)
SELECT r.committed_at, r.repo, r.sha, r.author_name, r.pull_request, r.subject,
       o.sha AS reverted_sha, o.author_name AS reverted_author, o.committed_at AS reverted_committed_at,
       round(date_diff('second', o.committed_at, r.committed_at) / 86400.0, 1) AS days_between
FROM claims r
LEFT JOIN commits o ON o.repo = r.repo AND r.reverted <> '' AND starts_with(o.sha, r.reverted)
ORDER BY r.repo, r.position
