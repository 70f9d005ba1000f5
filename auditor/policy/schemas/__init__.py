"""JSON Schema verdicts: jsonschema-rs decides, `jsonschema` explains what failed.

Kubernetes' own schemas come with the `kubernetes-validate` package (1.25 to 1.37); custom resources' from their
CustomResourceDefinitions, or from folders of JSON Schemas. A kind without a schema is skipped with that reason, never
passed.
"""

from auditor.policy.schemas.catalogue import SchemaCatalogue
from auditor.policy.schemas.options import SchemaOptions
from auditor.policy.schemas.versions import known_versions, schema_folders, target_version

__all__ = ["SchemaCatalogue", "SchemaOptions", "known_versions", "schema_folders", "target_version"]
