"""What the rules on landed changes look at, out of the trail: a few rows of many, chosen by sets.

`LandedEvidence` is made for some landed commits of one generation, inside the transaction that has written their
records. Every question is one statement over all of them; rows come in the order of landing, path and pointer, so
that the same history gives the same findings whether it came in one run or in many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import duckdb

Execute = Callable[[str, Any], duckdb.DuckDBPyConnection]
"""Runs a statement with its parameters, in the writing transaction."""

VERSION_POINTER = (
    r"(^|\.)(image|newTag|digest|tag|targetRevision)$"
    r"|^spec\.chart\.(spec\.)?version$|^spec\.ref\.(tag|semver|digest|commit)$|^spec\.version$"
    r"|^helmCharts(\[[^\]]*\])?\.version$"
)
"""Fields that say which version runs: images, and charts of Flux, Argo CD and Kustomize."""

_RESOURCE = "r.sha, r.environment, r.api_version, r.kind, r.namespace, r.name, r.path, r.change, r.old_digest, r.new_digest"
_GROUP = "CASE WHEN contains(r.api_version, '/') THEN split_part(r.api_version, '/', 1) ELSE '' END"


class LandedEvidence:
    """The questions. `shas` None means every landed commit of the generation."""

    def __init__(self, execute: Execute, repo: str, generation: int, shas: Iterable[str] | None) -> None:
        self._execute = execute
        self._repo = repo
        self._of_reading = [repo, generation]
        everything = shas is None
        execute(
            """
            CREATE OR REPLACE TEMP TABLE judged_landing AS
            SELECT l.sha, l.position FROM trail.landing l
            WHERE l.repo = ? AND l.generation = ? AND l.landed AND (? OR l.sha IN (SELECT unnest(?::VARCHAR[])))
            """,
            [*self._of_reading, everything, list(shas or ())],
        )

    def close(self) -> None:
        """Drops what it had made for itself."""
        self._execute("DROP TABLE IF EXISTS temp.judged_landing", [])

    def files(self, *, named: str) -> Iterator[tuple[Any, ...]]:
        """File changes with a mode that is no plain file's, with another mode than before, or at a path that fits
        the expression `named`: columns of trail.file_change without repo and seq."""
        return self._rows(
            """
            SELECT f.sha, f.path, f.old_path, f.change, f.old_blob, f.new_blob, f.old_mode, f.new_mode
            FROM trail.file_change f JOIN judged_landing j ON j.sha = f.sha
            WHERE f.repo = ? AND (
                f.new_mode IN ('120000', '160000') OR f.old_mode = '160000'
                OR (f.old_mode <> '' AND f.new_mode <> '' AND f.old_mode <> f.new_mode)
                OR regexp_matches(f.path, ?) OR regexp_matches(f.old_path, ?))
            ORDER BY j.position, f.path
            """,
            [self._repo, named, named],
        )

    def other_files(self) -> Iterator[tuple[Any, ...]]:
        """Changes of regular files that hold no manifest, as `files`: what is in them nobody has parsed."""
        return self._rows(
            """
            SELECT f.sha, f.path, f.old_path, f.change, f.old_blob, f.new_blob, f.old_mode, f.new_mode
            FROM trail.file_change f JOIN judged_landing j ON j.sha = f.sha
            WHERE f.repo = ? AND f.new_mode IN ('100644', '100755', '100664') AND f.new_blob <> f.old_blob
              AND NOT EXISTS (FROM trail.document d WHERE d.repo = f.repo AND d.blob = f.new_blob)
            ORDER BY j.position, f.path
            """,
            [self._repo],
        )

    def resources(
        self,
        *,
        groups: str,
        kinds: Sequence[str],
        fields: str,
        narrow_kinds: Sequence[str],
        narrow_fields: str,
    ) -> Iterator[tuple[Any, ...]]:
        """Resources whose `group/kind` is among `kinds` or whose group fits `groups`: added, deleted, or modified in a
        field that fits `fields`; and those among `narrow_kinds` modified in a field that fits `narrow_fields`:
        sha, environment, api_version, kind, namespace, name, path, change, old_digest, new_digest."""
        return self._rows(
            f"""
            WITH chosen AS (
                SELECT j.position AS landed_at, list_contains($kinds::VARCHAR[], {_GROUP} || '/' || r.kind)
                           OR regexp_matches({_GROUP}, $groups) AS always, {_RESOURCE}
                FROM trail.resource_change r JOIN judged_landing j ON j.sha = r.sha
                WHERE r.repo = $repo AND r.generation = $generation AND r.landed AND r.change <> 'moved'
                  AND (always OR list_contains($narrow_kinds::VARCHAR[], {_GROUP} || '/' || r.kind))
            ), pairs AS (
                SELECT DISTINCT old_digest, new_digest FROM chosen WHERE change = 'modified'
            ), differing AS (
                SELECT f.old_digest, f.new_digest, bool_or(regexp_matches(f.pointer, $fields)) AS in_meaning,
                       bool_or(regexp_matches(f.pointer, $narrow_fields)) AS in_narrow
                FROM trail.field_diff f
                JOIN pairs p ON p.old_digest = f.old_digest AND p.new_digest = f.new_digest
                WHERE f.repo = $repo GROUP BY ALL
            )
            SELECT c.* EXCLUDE (landed_at, always)
            FROM chosen c
            LEFT JOIN differing d
                   ON d.old_digest = c.old_digest AND d.new_digest = c.new_digest AND c.change = 'modified'
            WHERE (always AND (c.change <> 'modified' OR d.in_meaning))
               OR (NOT always AND c.change = 'modified' AND d.in_narrow)
            ORDER BY landed_at, environment, path, kind, namespace, name
            """,  # noqa: S608 - constants
            {
                "repo": self._repo,
                "generation": self._of_reading[1],
                "kinds": list(kinds),
                "groups": groups,
                "fields": fields,
                "narrow_kinds": list(narrow_kinds),
                "narrow_fields": narrow_fields,
            },
        )

    def program_fields(self) -> Iterator[tuple[Any, ...]]:
        """What commits of bots and automation changed, landed by themselves or brought in by a merge: the landing's
        sha, the resource as in `resources`, pointer, old and new value. A whole resource has pointer ''."""
        return self._rows(
            f"""
            WITH program AS (
                SELECT l.sha, l.landed_in, j.position
                FROM trail.landing l
                JOIN judged_landing j ON j.sha = l.landed_in
                JOIN trail.commit_record c ON c.repo = l.repo AND c.sha = l.sha AND len(c.parents) < 2
                WHERE l.repo = ? AND l.generation = ? AND l.actor_kind IN ('bot', 'automation')
            ), touched AS (
                SELECT p.position, p.landed_in, {_RESOURCE}
                FROM trail.resource_change r JOIN program p ON p.sha = r.sha
                WHERE r.repo = ? AND r.generation = ? AND r.change <> 'moved'
            )
            SELECT * FROM (
                SELECT t.*, f.pointer, f.old_value, f.new_value
                FROM touched t
                JOIN trail.field_diff f
                  ON f.repo = ? AND f.old_digest = t.old_digest AND f.new_digest = t.new_digest
                WHERE t.change = 'modified'
                UNION ALL
                SELECT t.*, '', NULL, NULL FROM touched t WHERE t.change <> 'modified'
            ) ORDER BY position, environment, path, kind, namespace, name, pointer
            """,  # noqa: S608 - constants
            [*self._of_reading, *self._of_reading, self._repo],
            drop=1,
        )

    def returns(self) -> Iterator[tuple[Any, ...]]:
        """Fields that a landing set back to the value before the last one (A, B, A): as `program_fields`, then the
        landing that had set B. In a run of such turns every second one brings back what was taken back: left out."""
        return self._rows(
            f"""
            WITH held AS (
                SELECT r.position, {_RESOURCE}, {_GROUP} AS api_group, f.pointer, f.old_value, f.new_value,
                       lag(f.old_value) OVER w = f.new_value AND lag(f.new_value) OVER w = f.old_value AS back,
                       lag(r.sha) OVER w AS previous_sha, row_number() OVER w AS turn
                FROM trail.resource_change r
                JOIN trail.field_diff f
                  ON f.repo = r.repo AND f.old_digest = r.old_digest AND f.new_digest = r.new_digest
                WHERE r.repo = ? AND r.generation = ? AND r.landed AND r.change = 'modified'
                  AND f.old_value IS NOT NULL AND f.new_value IS NOT NULL
                WINDOW w AS (PARTITION BY r.environment, r.kind, r.namespace, r.name, {_GROUP}, f.pointer
                             ORDER BY r.position, r.path)
            ), runs AS (
                SELECT *, turn - max(CASE WHEN NOT coalesce(back, false) THEN turn END) OVER (
                    PARTITION BY environment, kind, namespace, name, api_group, pointer ORDER BY turn
                ) AS in_run FROM held
            )
            SELECT position, sha, sha, environment, api_version, kind, namespace, name, path, change, old_digest,
                   new_digest, pointer, old_value, new_value, previous_sha
            FROM runs
            WHERE back AND in_run % 2 = 1 AND sha IN (SELECT sha FROM judged_landing)
            ORDER BY position, environment, path, kind, namespace, name, pointer
            """,  # noqa: S608 - constants
            self._of_reading,
            drop=1,
        )

    def stage_entries(self, stage: str, before: str) -> Iterator[tuple[Any, ...]]:
        """Versions (`VERSION_POINTER`) that landings brought into a stage for the first time of that resource: the
        landing's sha, the resource, pointer, value, and the position at which the same version landed in the stage
        `before` (None where it had not until then).

        An image that names its repository is the same wherever it stands; what names only a version is compared for
        the resource of that kind and name.
        """
        return self._rows(
            f"""
            WITH entered AS (
                SELECT r.position, {_RESOURCE}, f.pointer, f.new_value,
                       CASE WHEN regexp_matches(f.pointer, '(^|\\.)image$') AND regexp_matches(f.new_value, '[/:]')
                            THEN [f.new_value]
                            WHEN {_GROUP} = 'kustomize.config.k8s.io' THEN [f.pointer, f.new_value]
                            ELSE [{_GROUP}, r.kind, r.name, f.pointer, f.new_value] END AS version
                FROM trail.resource_change r
                JOIN trail.field_diff f
                  ON f.repo = r.repo AND f.old_digest = r.old_digest AND f.new_digest = r.new_digest
                WHERE r.repo = ? AND r.generation = ? AND r.landed AND r.environment IN (?, ?)
                  AND r.change IN ('added', 'modified') AND f.new_value IS NOT NULL AND regexp_matches(f.pointer, ?)
            ), first_before AS (
                SELECT version, min(position) AS position FROM entered WHERE environment = ? GROUP BY version
            )
            SELECT e.position, e.sha, e.* EXCLUDE (position, version), b.position
            FROM entered e LEFT JOIN first_before b ON b.version = e.version AND b.position <= e.position
            WHERE e.environment = ?
            QUALIFY row_number() OVER (
                PARTITION BY e.kind, e.namespace, e.name, e.pointer, e.version ORDER BY e.position, e.path) = 1
                AND e.sha IN (SELECT sha FROM judged_landing)
            ORDER BY e.position, e.path, e.kind, e.namespace, e.name, e.pointer
            """,  # noqa: S608 - constants
            [*self._of_reading, stage, before, VERSION_POINTER, before, stage],
            drop=1,
        )

    def remote_bases(self) -> Iterator[tuple[Any, ...]]:
        """What kustomizations take in, where something of it is an address: as `program_fields`."""
        return self._rows(
            f"""
            SELECT r.sha, {_RESOURCE}, f.pointer, f.old_value, f.new_value
            FROM trail.resource_change r JOIN judged_landing j ON j.sha = r.sha
            JOIN trail.field_diff f
              ON f.repo = r.repo AND f.old_digest = r.old_digest AND f.new_digest = r.new_digest
            WHERE r.repo = ? AND r.generation = ? AND r.landed AND r.change IN ('added', 'modified')
              AND {_GROUP} = 'kustomize.config.k8s.io'
              AND f.pointer IN ('resources', 'bases', 'components', 'crds')
              AND regexp_matches(f.new_value, '://|git@|git::|\\?ref=|"github\\.com/')
            ORDER BY j.position, r.path, f.pointer
            """,  # noqa: S608 - constants
            self._of_reading,
        )

    def environments(self) -> Iterator[tuple[str, str]]:
        """(landing, environment) of everything it touched."""
        rows = self._rows(
            """
            SELECT DISTINCT r.sha, r.environment FROM trail.resource_change r JOIN judged_landing j ON j.sha = r.sha
            WHERE r.repo = ? AND r.generation = ? AND r.landed ORDER BY ALL
            """,
            self._of_reading,
        )
        yield from ((sha, environment) for sha, environment in rows)

    def paths(self) -> Iterator[tuple[str, str]]:
        """(landing, path) of every file that a judged landing changed; a renamed one under both names."""
        rows = self._rows(
            """
            SELECT f.sha, unnest(CASE WHEN f.old_path = '' THEN [f.path] ELSE [f.old_path, f.path] END)
            FROM trail.file_change f JOIN judged_landing j ON j.sha = f.sha WHERE f.repo = ?
            """,
            [self._repo],
        )
        yield from ((sha, path) for sha, path in rows)

    def contents_over_time(self, paths: Sequence[str]) -> Iterator[tuple[str, int, str]]:
        """(path, position, blob) of each landing that changed one of these files, in order; '' where it went away."""
        rows = self._rows(
            """
            WITH touched AS (
                SELECT f.path, l.position, f.new_blob AS blob
                FROM trail.file_change f JOIN trail.landing l ON l.repo = f.repo AND l.sha = f.sha
                WHERE l.repo = $1 AND l.generation = $2 AND l.landed AND list_contains($3::VARCHAR[], f.path)
                UNION ALL
                SELECT f.old_path, l.position, ''
                FROM trail.file_change f JOIN trail.landing l ON l.repo = f.repo AND l.sha = f.sha
                WHERE l.repo = $1 AND l.generation = $2 AND l.landed AND list_contains($3::VARCHAR[], f.old_path)
            )
            SELECT path, position, max(blob) FROM touched GROUP BY ALL ORDER BY position, path
            """,
            [*self._of_reading, list(paths)],
        )
        yield from ((path, position, blob) for path, position, blob in rows)

    def signature_checks(self) -> Iterator[tuple[Any, ...]]:
        """Every check of a judged landing or of what it brought in, oldest first: sha, status, signer, key, trust,
        reason."""
        return self._rows(
            """
            SELECT s.sha, s.status, s.signer, s.key, s.trust, s.reason
            FROM trail.signature_check s
            JOIN trail.landing l ON l.repo = s.repo AND l.sha = s.sha
            JOIN judged_landing j ON j.sha = l.landed_in
            WHERE l.repo = ? AND l.generation = ? ORDER BY s.seq
            """,
            self._of_reading,
        )

    def looks(self) -> Iterator[tuple[Any, ...]]:
        """Earlier runs over the repository: (when it began, generation, position of its tip), oldest first."""
        return self._rows(
            """
            SELECT r.started_at, r.generation, l.position
            FROM trail.run r
            JOIN trail.landing l
              ON l.repo = r.repo AND l.generation = r.generation AND l.sha = r.tip AND l.landed
            WHERE r.repo = ? ORDER BY r.started_at
            """,
            [self._repo],
        )

    def positions(self) -> Iterator[tuple[Any, ...]]:
        """(sha, generation, position) of the judged landings in every reading that has them."""
        return self._rows(
            """
            SELECT l.sha, l.generation, l.position
            FROM trail.landing l JOIN judged_landing j ON j.sha = l.sha WHERE l.repo = ? AND l.landed
            """,
            [self._repo],
        )

    def blobs_of(self, digests: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """(digest, a blob that holds it, whether that is read as a kustomization) of manifests."""
        return self._rows(
            """
            SELECT d.digest, min(d.blob), bool_or(b.is_kustomization)
            FROM trail.document d JOIN trail.blob b ON b.repo = d.repo AND b.blob = d.blob
            WHERE d.repo = ? AND d.digest IN (SELECT unnest(?::VARCHAR[])) GROUP BY d.digest
            """,
            [self._repo, sorted(set(digests))],
        )

    def commits(self) -> Iterator[tuple[Any, ...]]:
        """The judged landings and what they brought in: columns of trail.commit_record without repo and seq, then
        landed, position, landed_in, actor_kind and pull_request."""
        return self._rows(
            """
            SELECT c.* EXCLUDE (repo, seq), l.landed, l.position, l.landed_in, l.actor_kind, l.pull_request
            FROM trail.landing l
            JOIN judged_landing j ON j.sha = l.landed_in
            JOIN trail.commit_record c ON c.repo = l.repo AND c.sha = l.sha
            WHERE l.repo = ? AND l.generation = ? ORDER BY l.seq
            """,
            self._of_reading,
        )

    def commits_named(self, shas: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Recorded commits by their whole ids, wherever they are: columns as of `commits`."""
        return self._rows(
            """
            SELECT c.* EXCLUDE (repo, seq), coalesce(l.landed, false), l.position, coalesce(l.landed_in, ''),
                   coalesce(l.actor_kind, 'person'), coalesce(l.pull_request, '')
            FROM trail.commit_record c
            LEFT JOIN trail.landing l ON l.repo = c.repo AND l.sha = c.sha AND l.generation = ?
            WHERE c.repo = ? AND c.sha IN (SELECT unnest(?::VARCHAR[]))
            """,
            [self._of_reading[1], self._repo, sorted(set(shas))],
        )

    def observations(self, run: str = "") -> Iterator[tuple[Any, ...]]:
        """Moves of refs that a run saw (all of them by default), oldest first: ref, old_sha, new_sha, move, seen_at."""
        return self._rows(
            """
            SELECT ref, old_sha, new_sha, move, seen_at FROM trail.ref_observation
            WHERE repo = ? AND (? = '' OR run = ?) ORDER BY seq
            """,
            [self._repo, run, run],
        )

    def _rows(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any], *, drop: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        """Rows without their first `drop` columns, which only order them; all are fetched before the first is given,
        since the next question runs on the same cursor."""
        rows = self._execute(sql, parameters).fetchall()
        return (row[drop:] for row in rows) if drop else iter(rows)
