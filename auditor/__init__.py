"""auditor: policy and audit for GitOps repositories."""

__version__ = "0.1.0"
