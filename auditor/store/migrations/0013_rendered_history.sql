-- From which position of the landing line on every landing was rendered, up to the tip: a finding on what is rendered
-- has the commit that brought it in from there on. NULL where only tips were looked at.
ALTER TABLE trail.rendered_tip ADD COLUMN since INTEGER;
