-- title: Unauthorised drift
-- group: drift
-- description: Declared values that somebody changed in a cluster past git, each as it was last seen.
SELECT cluster, environment, kind, namespace, name, pointer, declared, live, manager, actor, confidence, changed_at,
       evidence, declared_by, declared_sha, min(seen_at) OVER same AS first_seen_at, seen_at AS last_seen_at
FROM drift
WHERE verdict = 'unauthorised'
WINDOW same AS (PARTITION BY repo, cluster, environment, api_version, kind, namespace, name, pointer)
QUALIFY row_number() OVER (
    PARTITION BY repo, cluster, environment, api_version, kind, namespace, name, pointer ORDER BY seen_at DESC
) = 1
ORDER BY cluster, environment, kind, namespace, name, pointer
