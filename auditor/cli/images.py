"""`auditor images`: the images that git declares, and what their registries say of them when asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from auditor.cli.options import (
    DEFAULT_DATABASE,
    AllowHttpOption,
    AllowPrivateOption,
    DatabaseOption,
    DataFormat,
    FormatOption,
)
from auditor.cli.terminal import output, plain, print_json, remarks
from auditor.errors import ExitCode

_COLUMNS = """
SELECT environment, image, field, kind, namespace, name, path, pointer, pinned, watched, rendered, policy, since,
       since_sha, digest_now, moved, signed, evidence, failure, observed_at
"""
_ORDER = "ORDER BY environment, image, path, kind, name, pointer"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("images", short_help="The images that git declares; what registries say of them.")(images)


def images(
    database: DatabaseOption = DEFAULT_DATABASE,
    resolve: Annotated[
        bool,
        typer.Option(
            "--resolve", help="Ask the registries: the digest of each tag now, and whether it is signed."
        ),
    ] = False,
    max_age: Annotated[
        int, typer.Option("--max-age", min=0, help="Hours for which an answer is not asked for again.")
    ] = 24,
    allow_http: AllowHttpOption = False,
    allow_private: AllowPrivateOption = False,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """List every image that the audited tip declares, as written and as rendered, and since when.

    No registry is asked without --resolve. Their answers are kept in the database with the time; that a signature is
    there does not say whose it is.

    Exit codes: 3 where a registry did not answer.
    """
    from auditor.store.adhoc import run_query
    from auditor.store.pages.images import IMAGES, TOTALS

    failed = _resolve(database, max_age, allow_http, allow_private) if resolve else 0
    rows = run_query(database, f"{_COLUMNS} FROM ({IMAGES}) {_ORDER}").table.to_pylist()
    (totals,) = run_query(database, f"{TOTALS} FROM ({IMAGES})").table.to_pylist()
    if output_format is DataFormat.JSON:
        print_json({"version": 1, "images": rows, "summary": totals})
    else:
        for row in rows:
            facts = [
                row["digest_now"] or "",
                "signed" if row["signed"] else "",
                "moved" if row["moved"] else "",
            ]
            pinned = "watched" if row["watched"] else "pinned" if row["pinned"] else "not pinned"
            where = (
                f"{row['kind']} {row['namespace']}/{row['name']}"
                if row["namespace"]
                else f"{row['kind']} {row['name']}"
            )
            output().print(
                plain(
                    "  ".join(
                        filter(None, (row["environment"], row["image"], pinned, where, row["path"], *facts))
                    )
                )
            )
        remarks().print(
            f"{totals['places']:,} places name {totals['images']:,} images of {totals['registries']:,} registries;"
            f" {totals['unpinned']:,} are not pinned, {totals['watched']:,} only watched"
        )
    if failed:
        remarks().print(f"{failed} registries' answers are missing; see `failure` in --format json")
        raise typer.Exit(ExitCode.INCOMPLETE)


def _resolve(database: object, max_age: int, allow_http: bool, allow_private: bool) -> int:
    """Asks and records; how many questions got no answer."""
    from pathlib import Path

    from auditor.pipeline.fetching.addresses import Allowed
    from auditor.pipeline.fetching.images import ImageRegistries, ask_registries
    from auditor.pipeline.fetching.web import Web
    from auditor.store.database import open_database
    from auditor.store.images import latest_facts, record_facts, references_at_tip

    allowed = Allowed(plain_http=allow_http, private=allow_private)
    with open_database(Path(str(database))) as opened, Web(allowed) as web:
        facts = list(
            ask_registries(
                references_at_tip(opened),
                ImageRegistries(web, plain_http=allow_http),
                known=latest_facts(opened),
                now=lambda: datetime.now(UTC),
                max_age=timedelta(hours=max_age),
            )
        )
        record_facts(opened, facts)
    return sum(1 for fact in facts if fact.failure)
