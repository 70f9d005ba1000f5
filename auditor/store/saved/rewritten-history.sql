-- title: Rewritten history
-- group: integrity
-- description: Branches and tags that were found elsewhere than where their history leads, or gone, and the commits that
--   no ref reaches since. What happened before the first run, or between two runs and back, nobody saw.
SELECT o.seen_at, o.repo, o.ref, o.move, o.old_sha, o.new_sha, coalesce(l.lost, 0) AS lost_commits_of_repository
FROM ref_observations o
LEFT JOIN (SELECT repo, count(*) AS lost FROM commits WHERE lost GROUP BY repo) l ON l.repo = o.repo
WHERE o.move IN ('rewritten', 'moved', 'deleted')
ORDER BY o.seen_at, o.repo, o.ref
