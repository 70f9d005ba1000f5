"""The Kubernetes audit log (`audit.k8s.io/v1`), read from files: who wrote what, values replaced by keyed digests."""

from auditor.cluster.auditlog.follow import FollowedLog, follow_audit_log
from auditor.cluster.auditlog.intake import Limits
from auditor.cluster.auditlog.reader import AuditLogReader

__all__ = ["AuditLogReader", "FollowedLog", "Limits", "follow_audit_log"]
