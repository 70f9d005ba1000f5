"""Rules that others wrote, run unchanged: conftest policies, Gatekeeper, admission policies, rules in CRDs."""
