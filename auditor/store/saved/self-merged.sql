-- title: Merged by an author
-- group: approval
-- description: Merges whose author wrote commits of the branch that they bring in, by e-mail address. Merging is not
--   approving, and somebody else may have approved; only the forge's records tell. Squashed requests show no merger.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT m.committed_at AS landed_at, m.repo, m.author_name AS merged_by, m.author_email, m.pull_request,
       count(*) AS commits, count(*) FILTER (WHERE lower(s.author_email) = lower(m.author_email)) AS own_commits,
       m.subject, m.sha
FROM commits m JOIN commits s ON s.repo = m.repo AND s.landed_in = m.sha AND NOT s.landed
WHERE m.landed AND m.is_merge AND ($since = '' OR m.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR m.committed_at < nullif($until, '')::TIMESTAMPTZ)
GROUP BY ALL
HAVING own_commits > 0
ORDER BY m.repo, m.committed_at, m.sha
