-- title: Bot activity
-- group: access
-- description: What is committed by other than people (bots, GitOps automation, the forge), by author.
SELECT actor_kind, author_name, author_email,
       count(*) AS commits, count(*) FILTER (WHERE landed) AS landed,
       count(*) FILTER (WHERE landed AND pull_request = '') AS landed_without_request,
       min(committed_at) AS first_at, max(committed_at) AS last_at
FROM commits
WHERE actor_kind <> 'person'
GROUP BY ALL
ORDER BY commits DESC, author_email
