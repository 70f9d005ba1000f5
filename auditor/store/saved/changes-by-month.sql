-- title: Changes by month
-- group: population
-- description: Landed changes a month (UTC) by kind of actor, and how many of people's came without a pull request.
SELECT strftime(committed_at, '%Y-%m') AS month,
       count(*) AS landed,
       count(*) FILTER (WHERE actor_kind = 'person') AS by_people,
       count(*) FILTER (WHERE actor_kind = 'bot') AS by_bots,
       count(*) FILTER (WHERE actor_kind = 'automation') AS by_automation,
       count(*) FILTER (WHERE actor_kind = 'forge') AS by_forge,
       count(*) FILTER (WHERE actor_kind = 'person' AND len(parents) = 1 AND pull_request = '') AS direct_pushes
FROM commits
WHERE landed
GROUP BY month
ORDER BY month
