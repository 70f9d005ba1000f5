"""What a cluster holds: recorded snapshots and live state. Knows nothing of policies."""
