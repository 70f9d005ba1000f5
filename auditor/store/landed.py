"""What the rules on landed changes look at, out of the trail: a few rows of many, chosen by sets.

`LandedEvidence` is made for some landed commits of one generation, inside the transaction that has written their
records. Every question is one statement over all of them; rows come in the order of landing, path and pointer, so
that the same history gives the same findings whether it came in one run or in many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from auditor.store.landed_fields import FieldQuestions


class LandedEvidence(FieldQuestions):
    """The questions about files, commits, signatures, refs and runs, and those about fields."""

    def files(self, *, named: str) -> Iterator[tuple[Any, ...]]:
        """File changes with a mode that is no plain file's, with another mode than before, or at a path that fits
        the expression `named`: columns of trail.file_change without repo and seq."""
        return self.rows(
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

    def other_files(self, *, kustomizations: str) -> Iterator[tuple[Any, ...]]:
        """Changes of regular files that hold no resource, as `files`: what is in them nobody has parsed. Paths
        that fit the expression `kustomizations` are those of files that are named as one."""
        return self.rows(
            """
            SELECT f.sha, f.path, f.old_path, f.change, f.old_blob, f.new_blob, f.old_mode, f.new_mode
            FROM trail.file_change f JOIN judged_landing j ON j.sha = f.sha
            WHERE f.repo = ? AND f.new_mode IN ('100644', '100755', '100664') AND f.new_blob <> f.old_blob
              AND NOT EXISTS (FROM trail.document d
                              WHERE d.repo = f.repo AND d.blob = f.new_blob AND d.reading = '')
              AND NOT (regexp_matches(f.path, ?) AND EXISTS (
                FROM trail.document d
                WHERE d.repo = f.repo AND d.blob = f.new_blob AND d.reading = 'kustomization'))
              AND NOT EXISTS (FROM trail.document d
                              WHERE d.repo = f.repo AND d.blob = f.new_blob AND contains(d.reading, ':')
                                AND substr(d.reading, strpos(d.reading, ':') + 1) = f.path)
            ORDER BY j.position, f.path
            """,
            [self._repo, kustomizations],
        )

    def paths(self) -> Iterator[tuple[str, str]]:
        """(landing, path) of every file that a judged landing changed; a renamed one under both names."""
        rows = self.rows(
            """
            SELECT f.sha, unnest(CASE WHEN f.old_path = '' THEN [f.path] ELSE [f.old_path, f.path] END)
            FROM trail.file_change f JOIN judged_landing j ON j.sha = f.sha WHERE f.repo = ?
            """,
            [self._repo],
        )
        yield from ((sha, path) for sha, path in rows)

    def contents_over_time(self, paths: Sequence[str]) -> Iterator[tuple[str, int, str]]:
        """(path, position, blob) of each landing that changed one of these files, in order; '' where it went away."""
        rows = self.rows(
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
        return self.rows(
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
        return self.rows(
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
        return self.rows(
            """
            SELECT l.sha, l.generation, l.position
            FROM trail.landing l JOIN judged_landing j ON j.sha = l.sha WHERE l.repo = ? AND l.landed
            """,
            [self._repo],
        )

    def blobs_of(self, digests: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """(digest, a blob that holds it, how that is read) of documents."""
        return self.rows(
            """
            SELECT d.digest, min(d.blob), arg_min(d.reading, (d.blob, d.reading))
            FROM trail.document d
            WHERE d.repo = ? AND d.digest IN (SELECT unnest(?::VARCHAR[])) GROUP BY d.digest
            """,
            [self._repo, sorted(set(digests))],
        )

    def commits_named(self, shas: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Recorded commits by their whole ids, wherever they are: columns of trail.commit_record without
        repo and seq, then landed, position, landed_in, actor_kind and pull_request."""
        return self.rows(
            """
            SELECT c.* EXCLUDE (repo, seq), coalesce(l.landed, false), l.position, coalesce(l.landed_in, ''),
                   coalesce(l.actor_kind, 'person'), coalesce(l.pull_request, '')
            FROM trail.commit_record c
            LEFT JOIN trail.landing l ON l.repo = c.repo AND l.sha = c.sha AND l.generation = ?
            WHERE c.repo = ? AND c.sha IN (SELECT unnest(?::VARCHAR[]))
            """,
            [self._of_reading[1], self._repo, sorted(set(shas))],
        )
