"""Resources in, verdicts out: OPA or the embedded engine, and JSON Schema."""
