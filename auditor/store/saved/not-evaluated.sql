-- title: Not evaluated
-- group: integrity
-- description: What the last run of each repository could not judge, and rules that gave no answer at all. None of
--   it counts as passed.
WITH last_run AS (
    SELECT repo, max_by(id, finished_at) AS run FROM runs GROUP BY repo
)
SELECT g.repo, g.outcome, g.subject, g.reason, g.occurrences, g.example
FROM gaps g
JOIN last_run l ON l.repo = g.repo AND l.run = g.run
UNION ALL
SELECT '', 'not evaluated', rule_id, 'no object was judged by this rule', 0, ''
FROM controls
GROUP BY rule_id
HAVING bool_and(status = 'not evaluated' AND evaluated = 0)
ORDER BY 1 DESC, 2, 3, 4
