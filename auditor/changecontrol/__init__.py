"""How a change landed: reviewed, signed, allowed. Knows nothing of what manifests mean."""
