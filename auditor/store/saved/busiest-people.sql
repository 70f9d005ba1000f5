-- title: Busiest people
-- group: access
-- description: Who commits most, by author e-mail address. An address is what the commit claims.
-- param limit (default 20): how many to show
SELECT author_email, max_by(author_name, committed_at) AS author_name,
       count(*) AS commits, count(*) FILTER (WHERE landed) AS landed,
       count(*) FILTER (WHERE landed AND len(parents) = 1 AND pull_request = '') AS direct_pushes,
       min(committed_at) AS first_at, max(committed_at) AS last_at
FROM commits
WHERE actor_kind = 'person'
GROUP BY author_email
ORDER BY commits DESC, author_email
LIMIT (SELECT $limit::UINTEGER)
