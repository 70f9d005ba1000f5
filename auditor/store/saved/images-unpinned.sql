-- title: Images that no digest pins
-- group: state
-- description: Every image that git declares now without a digest: what runs is what the registry gives for the tag.
--   What cannot be taken apart (a variable in it) is in the list too. `since` is when this reference landed.
-- param environment (default ''): one environment; empty for all
SELECT environment, image, tag, kind, namespace, name, pointer, field, path, rendered, policy, since
FROM images
WHERE NOT pinned AND ($environment = '' OR environment = $environment)
  AND field NOT IN ('flux-image-repository', 'argo-image-updater')
ORDER BY environment, image, path, kind, namespace, name, pointer
