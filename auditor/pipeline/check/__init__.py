"""Judges files as they are: no database. For CI jobs and pre-commit, so it imports little."""

from auditor.pipeline.check.run import CheckRequest, check, run_check

__all__ = ["CheckRequest", "check", "run_check"]
