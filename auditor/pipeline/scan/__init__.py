"""The whole pipeline: git to findings, incremental, one transaction a run."""

from auditor.pipeline.scan.opening import scan
from auditor.pipeline.scan.request import ScanRequest, ScanResult

__all__ = ["ScanRequest", "ScanResult", "scan"]
