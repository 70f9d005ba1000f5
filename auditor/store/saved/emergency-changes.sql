-- title: Emergency changes
-- group: approval
-- description: Landed changes whose message speaks of an emergency, and those that went to a production environment
--   by a person without any sign of a request. Both are reasons to ask for the record made afterwards.
-- param words (default hotfix|emergency|urgent|incident|outage|break.?glass): a regular expression on messages
-- param environment (default production): the environment that counts as production
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH production AS (
    SELECT DISTINCT repo, sha FROM resource_changes WHERE landed AND environment = $environment
)
SELECT c.committed_at AS landed_at, c.repo,
       CASE WHEN regexp_matches(c.subject || chr(10) || c.body, '(?i)\b(' || $words || ')\b') THEN 'the message says so'
            ELSE 'to production without a request' END AS why,
       c.author_name, c.author_email, c.pull_request, c.subject, c.sha
FROM commits c
WHERE c.landed AND ($since = '' OR c.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR c.committed_at < nullif($until, '')::TIMESTAMPTZ)
  AND (regexp_matches(c.subject || chr(10) || c.body, '(?i)\b(' || $words || ')\b')
       OR (c.pull_request = '' AND c.actor_kind = 'person' AND (c.repo, c.sha) IN (FROM production)))
ORDER BY c.repo, c.position
