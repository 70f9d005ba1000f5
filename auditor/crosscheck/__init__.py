"""Does the cluster still hold what git declares, and if not, who changed it, when, and was it allowed?"""

from auditor.crosscheck.allow import DEFAULT_ALLOW, AllowEntry, AllowList
from auditor.crosscheck.check import CrossCheckResult, cross_check

__all__ = ["DEFAULT_ALLOW", "AllowEntry", "AllowList", "CrossCheckResult", "cross_check"]
