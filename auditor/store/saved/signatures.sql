-- title: Signatures by month
-- group: integrity
-- description: Landed commits a month (UTC) by what is known of their signatures. Only `good` is a pass: made by a key
--   that was trusted when it was checked; `unchecked` is signed, with no trust store to hold it against.
SELECT strftime(committed_at, '%Y-%m') AS month, count(*) AS landed,
       count(*) FILTER (WHERE signature_status = 'good') AS good,
       count(*) FILTER (WHERE signature_status = 'none') AS unsigned,
       count(*) FILTER (WHERE signature_status = 'unchecked') AS unchecked,
       count(*) FILTER (WHERE signature_status NOT IN ('good', 'none', 'unchecked')) AS not_good
FROM commits
WHERE landed
GROUP BY month
ORDER BY month
