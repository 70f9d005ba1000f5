-- title: Image markers without a policy
-- group: state
-- description: Images that a comment marks for Flux' image automation, where no ImagePolicy of that name is declared in
--   the repository: nothing ever raises them, although the comment says so.
SELECT i.environment, i.policy, i.image, i.kind, i.namespace, i.name, i.path, i.pointer
FROM images i
WHERE i.policy <> '' AND NOT EXISTS (
    -- A Kustomization may set the namespace of what is written without one.
    SELECT 1 FROM resources r
    WHERE r.repo = i.repo AND r.kind = 'ImagePolicy' AND starts_with(r.api_version, 'image.toolkit.fluxcd.io/')
      AND (i.policy = r.namespace || '/' || r.name
           OR (r.namespace = '' AND split_part(i.policy, '/', 2) = r.name)))
ORDER BY i.environment, i.policy, i.path, i.pointer
