-- From which position of the landing line on every landing was rendered, up to the tip: a finding on what is rendered
-- has the commit that brought it in from there on. NULL where only tips were looked at.
ALTER TABLE trail.rendered_tip ADD COLUMN since INTEGER;

-- Resources of deployments that could not be rendered at the tip, and that were rendered before: what is known of them
-- last stays. JSON: [[environment, group, kind, namespace, name, deployment, [what made that, …]], …].
ALTER TABLE trail.rendered_tip ADD COLUMN held VARCHAR DEFAULT '[]';
