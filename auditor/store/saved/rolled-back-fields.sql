-- title: Fields that went back
-- group: changes
-- description: Fields that got back, within some days, the value they had before: a rollback, whether its message says
--   so or not.
-- param days (default 7): how many days may lie between
WITH step AS (
    SELECT f.repo, f.environment, f.kind, f.namespace, f.name, f.path, f.pointer, f.position, f.sha, f.old_value,
           f.new_value,
           lag({'sha': f.sha, 'old_value': f.old_value, 'position': f.position}) OVER (
               PARTITION BY f.repo, f.environment, regexp_extract(f.api_version, '(.*)/', 1), f.kind, f.namespace,
                            f.name, f.pointer
               ORDER BY f.position) AS before
    FROM field_changes f
    WHERE f.landed AND f.old_value IS NOT NULL AND f.new_value IS NOT NULL
)
SELECT b.committed_at AS back_at, s.environment, s.kind, s.namespace, s.name, s.pointer, s.new_value AS value,
       s.old_value AS tried, round(date_diff('second', a.committed_at, b.committed_at) / 86400.0, 1) AS days,
       a.author_name AS changed_by, b.author_name AS changed_back_by, b.pull_request, a.sha AS sha_tried, b.sha AS sha_back
FROM step s
JOIN commits a ON a.repo = s.repo AND a.sha = s.before.sha
JOIN commits b ON b.repo = s.repo AND b.sha = s.sha
WHERE s.before.old_value = s.new_value AND date_diff('second', a.committed_at, b.committed_at) <= $days::DOUBLE * 86400
ORDER BY s.repo, s.position, s.environment, s.kind, s.namespace, s.name, s.pointer
