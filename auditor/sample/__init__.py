"""The sample: a fictional company's GitOps repository, built from the story in `data/sample`.

Everybody who builds it gets the same commits, byte for byte, so documentation, tests and the demo
can name them.
"""

from auditor.sample.beats import Beat, ClusterBeat, read_beats, read_cluster_beats
from auditor.sample.repository import (
    SampleRepository,
    build_sample_repository,
    sample_audit_log,
    sample_snapshot,
)

__all__ = [
    "Beat",
    "ClusterBeat",
    "SampleRepository",
    "build_sample_repository",
    "read_beats",
    "read_cluster_beats",
    "sample_audit_log",
    "sample_snapshot",
]
