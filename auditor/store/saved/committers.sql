-- title: Who has changed the repository
-- group: access
-- description: Everybody whose commits are in the history, with the first and last that landed. An address is what
--   commits claim; who may push is for the forge to say.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT c.author_email, max_by(c.author_name, c.committed_at) AS author_name, any_value(c.actor_kind) AS actor_kind,
       count(*) AS commits, count(*) FILTER (WHERE c.landed AND c.pull_request = '' AND len(c.parents) = 1) AS landed_directly,
       count(*) FILTER (WHERE c.signature_status = 'good') AS with_good_signature,
       min(c.committed_at) AS first_at, max(c.committed_at) AS last_at
FROM commits c
WHERE ($since = '' OR c.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR c.committed_at < nullif($until, '')::TIMESTAMPTZ)
GROUP BY c.author_email
ORDER BY c.author_email
