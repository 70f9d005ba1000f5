"""The rules as they lie on disk: sources, metadata, examples and the frameworks that map controls to them.

A rule is a folder: `<category>/<rule>/<rule>.rego` with package `auditor.<category>.<rule>`, its test, and
examples that must pass (`good*.yaml`) or fire (`bad*.yaml`). Shared code is in `lib/`. What else a user's folder
has (conftest, Gatekeeper, …) is read by `foreign`. Nothing is run here.
"""

from auditor.policy.library.library import PARTS, Library
from auditor.policy.library.reading import is_own, load_library
from auditor.policy.library.rule import Rule

__all__ = ["PARTS", "Library", "Rule", "is_own", "load_library"]
