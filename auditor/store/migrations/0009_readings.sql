-- How a blob is read: '' for a manifest, 'kustomization' for one that is a kustomization by its file's name alone,
-- 'terraform:<path>' and 'dockerfile:<path>' for what says something of its own at each path. as_kustomization stays
-- where it is: the digests that older runs recorded are made over it.
ALTER TABLE trail.blob ADD COLUMN reading VARCHAR DEFAULT '';
ALTER TABLE trail.document ADD COLUMN reading VARCHAR DEFAULT '';
ALTER TABLE trail.problem ADD COLUMN reading VARCHAR DEFAULT '';
UPDATE trail.blob SET reading = 'kustomization' WHERE as_kustomization;
UPDATE trail.document SET reading = 'kustomization' WHERE as_kustomization;
UPDATE trail.problem SET reading = 'kustomization' WHERE as_kustomization;
