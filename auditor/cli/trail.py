"""`auditor trail`: the integrity of the trail."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli.options import DEFAULT_DATABASE, ConfigOption, DatabaseOption, DataFormat, FormatOption
from auditor.cli.terminal import output, plain, print_json, remarks
from auditor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from auditor.pipeline.integrity.verify import VerifyReport

_SHOWN = 50
"""Wrong things that are printed; JSON has more."""


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True, help="Integrity of the trail: keys, checkpoints, verification, proofs.",
        rich_markup_mode=None,
    )  # fmt: skip
    group.command("init", short_help="Make the key that signs the trail.")(init)
    group.command("checkpoint", short_help="Sign the trail's state, here and in other places.")(checkpoint)
    group.command("verify", short_help="Find out whether anything recorded was changed.")(verify)
    group.command("export", short_help="Write proofs that others can check without auditor.")(export)
    app.add_typer(group, name="trail")


def init(
    database: DatabaseOption = DEFAULT_DATABASE,
    key: Annotated[
        Path | None, typer.Option("--key", help="Take this key: one of ours, or an Ed25519 key in PEM.")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="The key's name, such as example.com/audit; made up by default.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Make the Ed25519 key that signs the trail, and print its public half, the verifier key.

    Keep the verifier key elsewhere: with it, anybody can check a checkpoint. A key is never overwritten.
    """
    from auditor.pipeline.integrity.checkpoints import init_key, key_file
    from auditor.pipeline.state import state_folder
    from auditor.settings import load_settings

    settings = load_settings(config)
    folder = state_folder(database)
    made = init_key(settings, folder, given=key, name=name)
    remarks().print(f"the signing key is {plain(str(key_file(settings, folder)))}; its verifier key:")
    output().print(plain(str(made)))


def checkpoint(
    database: DatabaseOption = DEFAULT_DATABASE,
    config: ConfigOption = None,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Sign the trail's state, and copy the signed note to every place in `trail.copies`.

    Scans do this by themselves where there is a key.
    """
    from auditor.pipeline.integrity.checkpoints import key_file, sign_head
    from auditor.pipeline.state import state_folder
    from auditor.settings import load_settings
    from auditor.store.database import open_database

    settings = load_settings(config)
    folder = state_folder(database)
    if not key_file(settings, folder).exists():
        raise UsageError("there is no key to sign with", hint="`auditor trail init` makes one")
    with open_database(database) as opened:
        signed = sign_head(opened, settings, folder, datetime.now(UTC))
    if output_format is DataFormat.JSON:
        print_json(
            {
                "version": 1,
                "size": signed.size,
                "root": signed.root.hex(),
                "key_id": signed.key_id,
                "checkpoint": signed.note,
                "written": [str(path) for path in signed.written],
                "failed": [{"place": str(path), "reason": reason} for path, reason in signed.failed],
            }
        )
    else:
        output().print(plain(signed.note), end="")
        for path in signed.written:
            remarks().print(f"written to {plain(str(path))}")
    if not settings.trail.copies:
        remarks().print("no copies: only a checkpoint that is kept elsewhere proves anything (trail.copies)")
    signed.complain()


def verify(
    database: DatabaseOption = DEFAULT_DATABASE,
    checkpoints: Annotated[
        list[str] | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE|NOTE",
            help="A file of checkpoints that was kept elsewhere, or a note itself.",
        ),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key", metavar="KEY", help="A verifier key whose checkpoints count, as `trail init` printed it."
        ),
    ] = None,
    no_git: Annotated[bool, typer.Option("--no-git", help="Do not walk git again.")] = False,
    repo: Annotated[str, typer.Option("--repo", help="Walk only this repository's git again.")] = "",
    config: ConfigOption = None,
    output_format: FormatOption = DataFormat.TABLE,
) -> None:
    """Find out whether anything recorded was changed, dropped or reordered, and say which record it is.

    Exit codes: 0 nothing was, 1 something is wrong, 3 something could not be verified: above all, nothing is proven
    against whoever can write the database without a checkpoint that was kept elsewhere.
    """
    from auditor.pipeline.integrity.verify import VerifyRequest
    from auditor.pipeline.integrity.verify import verify as verify_trail
    from auditor.settings import load_settings

    report = verify_trail(
        VerifyRequest(
            database=database,
            settings=load_settings(config),
            repo=repo,
            checkpoints=tuple(checkpoints or ()),
            keys=tuple(keys or ()),
            git=not no_git,
        )
    )
    if output_format is DataFormat.JSON:
        print_json(report.as_dict())
    else:
        _print_report(output(), report)
    if report.everything_wrong:
        raise typer.Exit(ExitCode.FINDINGS)
    if report.unverified:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _print_report(console: Console, report: VerifyReport) -> None:
    counts = ", ".join(f"{count:,} {table}" for table, count in sorted(report.log.records.items()) if count)
    console.print(f"{report.log.size:,} records: {counts}")
    console.print(f"  root {report.log.root.hex()}")
    outside = sum(note.outside for note in report.notes)
    console.print(
        f"  {len(report.notes):,} checkpoints with good signatures, {outside:,} of them kept elsewhere"
    )
    for result in report.repositories:
        console.print(f"{plain(result.repo)} at {result.tip[:12]}")
        console.print(f"  {result.commits:,} commits and {result.changes:,} file changes compared with git")
        if result.beyond:
            console.print(
                f"  {result.beyond:,} commits that the tip does not reach any more: the log alone has them"
            )
        if not result.differences:
            console.print("  every record equals git")
    for remark in report.remarks:
        console.print(f"  note: {plain(remark)}")
    wrong = report.everything_wrong
    for text in wrong[:_SHOWN]:
        console.print(f"  WRONG: {plain(text)}", style="bold red")
    if len(wrong) + report.log.untold > _SHOWN:
        console.print(f"  … and {len(wrong) + report.log.untold - _SHOWN:,} more")
    for text in report.unverified:
        console.print(f"  NOT VERIFIED: {plain(text)}", style="yellow")
    if wrong:
        console.print("the trail is NOT what was recorded", style="bold red")
    elif report.proven is None:
        console.print("nothing wrong was found, and nothing is proven")
    else:
        console.print(f"nothing of the first {report.proven:,} records was changed, dropped or reordered")
        if report.proven < report.log.size:
            console.print(
                f"  the {report.log.size - report.proven:,} after them are newer than any checkpoint elsewhere"
            )


def export(
    records: Annotated[
        list[str] | None,
        typer.Option(
            "--record",
            metavar="SHA|SEQ|ID",
            help="A commit's whole sha, a record's place in the log, or a finding's id.",
        ),
    ] = None,
    consistency: Annotated[
        tuple[int, int] | None,
        typer.Option(
            "--consistency", help="Sizes: that the log of OLD is the beginning of NEW.", metavar="OLD NEW"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; standard output by default.")
    ] = None,
    database: DatabaseOption = DEFAULT_DATABASE,
    config: ConfigOption = None,
) -> None:
    """Write proofs as JSON that others can check without auditor and its database (docs/verify_proof.py)."""
    from auditor.pipeline.integrity.proof import consistency_proofs, inclusion_proofs, write_proofs
    from auditor.settings import load_settings

    if bool(records) == bool(consistency):
        raise UsageError(
            "nothing to prove, or two things at once", hint="give either --record or --consistency"
        )
    settings = load_settings(config)
    proofs = (
        consistency_proofs(database, settings, *consistency)
        if consistency
        else inclusion_proofs(database, settings, records or [])
    )
    if (proofs["new"] if consistency else proofs)["checkpoint"] is None:
        remarks().print("no checkpoint was ever signed: the proofs lead to a root that nobody vouches for")
    if out is None:
        print_json(proofs)
    else:
        write_proofs(out, proofs)
