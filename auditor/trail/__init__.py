"""The audit trail: canonical records and their verification. Knows nothing of policies."""
