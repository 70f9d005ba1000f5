"""Holds what an audit recorded against the independent reading of the same repository.

    python tests/independent/compare.py REPO --db FILE [--name NAME] [--revision REF] [--only N] [--show 20]

Prints every row that only one of the two has, and ends with 1 where there is any. The audit has to be of the same
tip, under default settings (no environments, exclusions or actors of the operator's).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from independent.history import FieldChange, FileChange, Repository, ResourceChange
from independent.secret_values import Digests

AT_A_TIME = 200
"""Commits whose rows are asked of the database together."""

COMMIT_COLUMNS = """sha, parents, landed, position, landed_in, author_name, author_email,
    epoch(authored_at)::BIGINT, committer_name, committer_email, epoch(committed_at)::BIGINT, subject, body,
    signature_format"""


@dataclass
class Report:
    """What was held against each other, and what differed."""

    compared: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[str, str, Any]] = field(default_factory=list)
    digests: Digests = field(default_factory=Digests)

    def rows(self, view: str, product: Iterable[Any], independent: Iterable[Any]) -> None:
        """Two bags of rows that have to be equal."""
        ours, theirs = Counter(independent), Counter(product)
        self.compared[view] += ours.total()
        for row in (ours - theirs).elements():
            self.differences.append((view, "only the independent reading has", row))
        for row in (theirs - ours).elements():
            self.differences.append((view, "only the product has", row))

    def fields(self, product: Iterable[FieldChange], independent: Iterable[FieldChange]) -> None:
        """Field changes: equal up to what the product redacts."""
        ours, theirs = by_field(independent), by_field(product)
        for key in sorted({*ours, *theirs}, key=repr):
            left, right = ours.get(key, []), theirs.get(key, [])
            self.compared["field_changes"] += len(left)
            for row in list(left):
                twin = next((other for other in right if self._same(other, row)), None)
                if twin is not None:
                    left.remove(row)
                    right.remove(twin)
            self.differences += [("field_changes", "only the independent reading has", row) for row in left]
            self.differences += [("field_changes", "only the product has", row) for row in right]

    def _same(self, product: FieldChange, raw: FieldChange) -> bool:
        encoded = raw.kind == "Secret" and raw.pointer.startswith("data")
        # Both are held, so that the digests of both are remembered.
        fits = [
            self.digests.fits(product.old_value, raw.old_value, encoded=encoded),
            self.digests.fits(product.new_value, raw.new_value, encoded=encoded),
        ]
        return all(fits)

    @property
    def agreed(self) -> bool:
        """True where nothing differed."""
        return not self.differences and not self.digests.disagreements()


def by_field(rows: Iterable[FieldChange]) -> dict[tuple[Any, ...], list[FieldChange]]:
    found: dict[tuple[Any, ...], list[FieldChange]] = defaultdict(list)
    for row in rows:
        found[tuple(row[:-2])].append(row)
    return found


def compare(
    repository: Repository, database: Path, *, name: str = "", only: int = 0, progress: bool = False
) -> Report:
    """Every commit, or the last `only` ones. `name` is the repository's in the audit; not needed for a single one."""
    report = Report()
    with duckdb.connect(str(database), read_only=True) as connection:
        name = name or only_name(connection)
        told = connection.execute(f"SELECT {COMMIT_COLUMNS} FROM commits WHERE repo = ?", [name]).fetchall()
        report.rows(
            "commits", ((row[0], tuple(row[1]), *row[2:]) for row in told), map(tuple, repository.commits())
        )
        shas = repository.shas[-only:] if only else repository.shas
        done = 0
        for some in batches(shas):
            _compare_some(connection, repository, name, some, report)
            done += len(some)
            if progress:
                print(f"\r{done} of {len(shas)} commits", end="", file=sys.stderr, flush=True)
        if not only:
            _nothing_else(connection, name, set(shas), report)
    if progress:
        print(file=sys.stderr)
    return report


def _compare_some(
    connection: Any, repository: Repository, name: str, some: Sequence[str], report: Report
) -> None:
    files: list[FileChange] = []
    resources: list[ResourceChange] = []
    fields: list[FieldChange] = []
    for sha in some:
        files += repository.file_changes(sha)
        told, told_fields = repository.changes(sha)
        resources += told
        fields += told_fields

    def told_by(view: str, row: Any) -> Iterator[Any]:
        columns = ", ".join(row._fields)
        # Terraform and Dockerfiles are not read here: `tests/histories` holds them against a slow reading.
        read = (
            "" if view == "file_changes" else "AND NOT regexp_matches(api_version, '^(terraform|docker|ci)/')"
        )
        query = f"SELECT {columns} FROM {view} WHERE repo = ? AND list_contains(?, sha) {read}"
        return (row(*values) for values in connection.execute(query, [name, list(some)]).fetchall())

    report.rows("file_changes", told_by("file_changes", FileChange), files)
    report.rows("resource_changes", told_by("resource_changes", ResourceChange), resources)
    report.fields(told_by("field_changes", FieldChange), fields)


def _nothing_else(connection: Any, name: str, shas: set[str], report: Report) -> None:
    """Rows of commits that the tip does not reach."""
    for view in ("file_changes", "resource_changes", "field_changes"):
        told = connection.execute(f"SELECT DISTINCT sha FROM {view} WHERE repo = ?", [name]).fetchall()
        for (sha,) in told:
            if sha not in shas:
                report.differences.append((view, "only the product has the commit", sha))


def only_name(connection: Any) -> str:
    """The one repository of the database."""
    names = [row[0] for row in connection.execute("SELECT DISTINCT repo FROM commits").fetchall()]
    if len(names) != 1:
        sys.exit(f"name one of the repositories with --name: {', '.join(names) or 'there is none'}")
    return str(names[0])


def batches(shas: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(shas)
    while some := list(islice(rest, AT_A_TIME)):
        yield some


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repo", type=Path)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--name", default="")
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--only", type=int, default=0, help="the last N commits alone")
    parser.add_argument("--show", type=int, default=20, help="how many differences are printed")
    options = parser.parse_args()
    repository = Repository(options.repo, options.revision)
    try:
        report = compare(repository, options.db, name=options.name, only=options.only, progress=True)
    finally:
        repository.close()
    for view, count in report.compared.items():
        differing = sum(1 for difference in report.differences if difference[0] == view)
        print(f"{view:<18} {count:>10,} rows, {differing:,} differences")
    print(f"{report.digests.met:,} values held against digests")
    for view, who, row in report.differences[: options.show]:
        print(f"{view}: {who} {row}")
    for line in report.digests.disagreements():
        print(line)
    sys.exit(0 if report.agreed else 1)


if __name__ == "__main__":
    main()
