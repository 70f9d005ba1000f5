-- title: Changes of privileged settings
-- group: access
-- description: Each landed change of roles, bindings, service accounts, admission, network policies, and of fields that
--   give a pod power over its node or the API. Whole resources in one row when they come or go.
-- param environment (default ''): one environment; empty for all
-- param since (default ''): first instant or day, UTC; empty for the beginning
-- param until (default ''): first instant or day after the end, UTC; empty for no end
WITH field AS (
    SELECT f.*, r.change
    FROM field_changes f
    JOIN resource_changes r USING (repo, sha, landed, environment, api_version, kind, namespace, name, path)
    WHERE f.landed AND ($environment = '' OR f.environment = $environment)
      AND (f.kind IN ('Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'ServiceAccount', 'NetworkPolicy',
                      'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy',
                      'ValidatingAdmissionPolicyBinding', 'ClusterPolicy', 'Policy', 'PolicyException')
           OR regexp_matches(f.pointer, '(^|[.])(privileged|allowPrivilegeEscalation|runAsNonRoot|runAsUser|hostNetwork'
                             || '|hostPID|hostIPC|hostPath|capabilities|seccompProfile|serviceAccountName'
                             || '|automountServiceAccountToken)([.[]|$)')
           OR contains(f.pointer, 'pod-security.kubernetes.io/'))
), told AS (
    SELECT repo, sha, position, environment, kind, namespace, name, path, change, pointer, old_value, new_value
    FROM field WHERE change = 'modified' OR regexp_matches(pointer, '(^|[.])(privileged|host[A-Z]\w*)$')
    UNION ALL BY NAME
    SELECT DISTINCT repo, sha, position, environment, kind, namespace, name, path, change, '' AS pointer
    FROM field
    WHERE change <> 'modified'
      AND kind IN ('Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'ServiceAccount', 'NetworkPolicy',
                   'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy',
                   'ValidatingAdmissionPolicyBinding', 'ClusterPolicy', 'Policy', 'PolicyException')
)
SELECT c.committed_at AS landed_at, t.change, t.environment, t.kind, t.namespace, t.name, t.pointer, t.old_value,
       t.new_value, c.author_name, c.actor_kind, c.pull_request, c.sha
FROM told t JOIN commits c ON c.repo = t.repo AND c.sha = t.sha
WHERE ($since = '' OR c.committed_at >= nullif($since, '')::TIMESTAMPTZ)
  AND ($until = '' OR c.committed_at < nullif($until, '')::TIMESTAMPTZ)
ORDER BY t.repo, t.position, t.environment, t.kind, t.namespace, t.name, t.path, t.pointer
