-- What rules over several resources read of a document (JSON), so that a later run can put its environment's set
-- together again without reading every file; '' where no such rule looks at its kind.
ALTER TABLE trail.judgement ADD COLUMN view VARCHAR DEFAULT '';
