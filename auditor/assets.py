"""Where the files that ship beside the package are: rules, dashboard pages, sample data.

A wheel carries them under `auditor/_assets`; a checkout has them beside the package.
"""

from __future__ import annotations

from pathlib import Path

from auditor.errors import MissingPartError

_PACKAGE = Path(__file__).resolve().parent


def asset_folder(name: str) -> Path:
    """The folder `name` ('policies', 'dashboards' or 'data').

    Raises MissingPartError where the installation does not carry it.
    """
    for parent in (_PACKAGE / "_assets", _PACKAGE.parent):
        folder = parent / name
        if folder.is_dir():
            return folder
    raise MissingPartError(
        f"this installation of auditor has no {name!r} folder",
        hint="reinstall the package, or run it from a complete checkout",
    )
