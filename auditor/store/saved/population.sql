-- title: Population of changes
-- group: population
-- description: How many changes landed in a period, from which tip to which, with the digest of their ids. Held
--   against git: `git rev-list --first-parent --count old_tip..new_tip` gives `landed`, and `git rev-list
--   --first-parent old_tip..new_tip | sort | sha256sum` the digest, where `unbroken` is true (old_tip is empty where the
--   period begins with the first commit). A commit is in the period by its committer's clock.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH landed AS (
    SELECT repo, sha, parents, position, committed_at, is_merge, actor_kind, pull_request
    FROM commits
    WHERE landed AND ($since = '' OR committed_at >= nullif($since, '')::TIMESTAMPTZ)
      AND ($until = '' OR committed_at < nullif($until, '')::TIMESTAMPTZ)
)
SELECT repo, count(*) AS landed, count(*) FILTER (WHERE is_merge) AS merges,
       count(*) FILTER (WHERE actor_kind = 'person') AS by_people,
       count(*) FILTER (WHERE actor_kind <> 'person') AS by_programs,
       count(*) FILTER (WHERE pull_request <> '') AS naming_a_request,
       min(committed_at) AS first_at, max(committed_at) AS last_at,
       coalesce(arg_min(parents, position)[1], '') AS old_tip, arg_max(sha, position) AS new_tip,
       max(position) - min(position) + 1 = count(*) AS unbroken,
       sha256(string_agg(sha || chr(10), '' ORDER BY sha)) AS digest_of_ids
FROM landed
GROUP BY repo
ORDER BY repo
