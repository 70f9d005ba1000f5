"""What `auditor check` found, in the formats that people, CI systems and code scanning take: one file a format."""
