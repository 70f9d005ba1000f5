-- title: Changes that broke a rule of change control
-- group: approval
-- description: What the rules on how changes land object to, a row a commit and rule, in landing order.
-- param rule (default ''): one rule's id; empty for all
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT opened_at AS landed_at, repo, rule_id, severity, title, opened_by AS author, message, opened_sha AS sha
FROM findings
WHERE source = 'change' AND ($rule = '' OR rule_id = $rule) AND ($since = '' OR opened_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR opened_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY opened_at, repo, opened_sha, rule_id, id
