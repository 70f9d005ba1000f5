-- title: Requests and approvals
-- group: approval
-- description: For each landed change the request that a forge confirms, who approved it and who merged it. Without a
--   forge nothing is confirmed, and `claimed` is what the message says. An approval counts where the rules on approvals
--   say so: of the merged head, and of somebody else; see change-findings.
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
SELECT landed_at, repo, number, confirmed, claimed, author, array_to_string(approvers, ' ') AS approvers, merged_by,
       len(side_commits) AS side_commits, reason, sha
FROM change_units
WHERE ($since = '' OR landed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR landed_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY repo, landed_at, sha
