-- title: Who lands whose changes
-- group: approval
-- description: Pairs of author and whoever made the commit that landed it, side branches told by their merge. A pair
--   of the same address is somebody landing their own work; a forge as committer hides who pressed the button.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT s.author_email AS author, if(m.is_merge, m.author_email, m.committer_email) AS landed_by,
       count(*) AS commits, count(*) FILTER (WHERE m.pull_request = '') AS without_request,
       lower(author) = lower(landed_by) AS same_address
FROM commits s JOIN commits m ON m.repo = s.repo AND m.sha = s.landed_in AND m.landed
WHERE NOT s.is_merge AND ($since = '' OR m.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR m.committed_at < nullif($until, '')::TIMESTAMPTZ)
GROUP BY ALL
ORDER BY commits DESC, author, landed_by
