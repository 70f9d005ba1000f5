"""Which older declared version, if any, a live object equals.

That decides between a cluster that has not caught up yet and somebody who changed it. A version is equal only
where it accounts for every difference: the same value there, or none on either side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.crosscheck.additions import covered
from auditor.crosscheck.compare import Difference, differences, equal
from auditor.crosscheck.listkeys import Path, resolve, type_at
from auditor.crosscheck.normalise import normalise
from auditor.crosscheck.schema import MISSING, FieldType
from auditor.crosscheck.schema.defaults import default_value
from auditor.model import DeclaredVersion


class Timeline:
    """The declared versions of one resource, normalised once."""

    def __init__(self, versions: Sequence[DeclaredVersion], kind: FieldType) -> None:
        self._kind = kind
        self._versions: tuple[tuple[DeclaredVersion, dict[str, Any] | None], ...] = tuple(
            (version, None if version.manifest is None else normalise(version.manifest, kind))
            for version in versions
        )

    def __len__(self) -> int:
        return len(self._versions)

    def _newest_first(self) -> Iterator[tuple[DeclaredVersion, dict[str, Any] | None]]:
        for index in range(len(self._versions) - 1, -1, -1):
            yield self._versions[index]

    def equal_version(
        self, live: Mapping[str, Any], changed: Sequence[Difference], ignored: tuple[Path, ...] = ()
    ) -> DeclaredVersion | None:
        """The newest version that the live object equals, `changed` included; paths in `ignored` do not count."""
        for version, manifest in self._newest_first():
            if (
                manifest is not None
                and all(self._accounts_for(manifest, live, difference) for difference in changed)
                and all(covered(left.path, ignored) for left in differences(manifest, dict(live), self._kind))
            ):
                return version
        return None

    def _accounts_for(
        self, manifest: Mapping[str, Any], live: Mapping[str, Any], difference: Difference
    ) -> bool:
        path = difference.path
        declared = resolve(manifest, path)
        if equal(declared, difference.live, type_at(self._kind, path)):
            return True
        siblings, last = resolve(live, path[:-1]), path[-1]
        return (
            declared is MISSING
            and isinstance(last, str)
            and isinstance(siblings, Mapping)
            and default_value(type_at(self._kind, path[:-1]), last, difference.live, siblings)
        )

    def setter(self, path: Path) -> DeclaredVersion | None:
        """The version that gave the value at the path (or took it away) that is declared now; None without versions."""
        found: DeclaredVersion | None = None
        current: Any = MISSING
        for version, manifest in self._newest_first():
            value = MISSING if manifest is None else resolve(manifest, path)
            if found is None:
                current = value
            elif not equal(value, current, type_at(self._kind, path)):
                return found
            found = version
        return found

    def last_with(self, path: Path) -> DeclaredVersion | None:
        """The newest version that declares something at the path."""
        for version, manifest in self._newest_first():
            if manifest is not None and resolve(manifest, path) is not MISSING:
                return version
        return None

    @property
    def last(self) -> DeclaredVersion | None:
        """The version that is declared now."""
        return self._versions[-1][0] if self._versions else None
