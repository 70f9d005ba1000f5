"""The command line: parses, calls, prints. Exit codes: 0 nothing at or over the threshold, 1 findings,
2 wrong usage or configuration, 3 incomplete.
"""

from auditor.cli.main import main

__all__ = ["main"]
