"""Questions about the resources and fields that landed changes touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from auditor.store.landed_questions import Questions

VERSION_POINTER = (
    r"(^|\.)(image|newTag|digest|tag|targetRevision)$"
    r"|^spec\.chart\.(spec\.)?version$|^spec\.ref\.(tag|semver|digest|commit)$|^spec\.version$"
    r"|^helmCharts(\[[^\]]*\])?\.version$"
)
"""Fields that say which version runs: images, and charts of Flux, Argo CD and Kustomize."""

_RESOURCE = "r.sha, r.environment, r.api_version, r.kind, r.namespace, r.name, r.path, r.change, r.old_digest, r.new_digest"
_GROUP = "CASE WHEN contains(r.api_version, '/') THEN split_part(r.api_version, '/', 1) ELSE '' END"


class FieldQuestions(Questions):
    """Rows come in the order of landing, path and pointer."""

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
        return self.rows(
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
        return self.rows(
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

    def blobs_before(self, shas: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """(sha, path, blob) of every file that these commits modified or moved, with its content before."""
        return self.rows(
            """
            SELECT DISTINCT sha, path, old_blob FROM trail.file_change
            WHERE repo = ? AND sha IN (SELECT unnest(?::VARCHAR[])) AND old_blob <> '' AND new_blob <> '' ORDER BY ALL
            """,
            [self._repo, sorted(shas)],
        )

    def returns(self) -> Iterator[tuple[Any, ...]]:
        """Fields that a landing set back to the value before the last one (A, B, A): as `program_fields`, then the
        landing that had set B. In a run of such turns every second one brings back what was taken back: left out."""
        return self.rows(
            f"""
            WITH touched AS (
                SELECT DISTINCT r.environment, r.kind, r.namespace, r.name
                FROM trail.resource_change r JOIN judged_landing j ON j.sha = r.sha
                WHERE r.repo = ? AND r.generation = ? AND r.landed AND r.change = 'modified'
            ), held AS (
                SELECT r.position, {_RESOURCE}, {_GROUP} AS api_group, f.pointer, f.old_value, f.new_value,
                       lag(f.old_value) OVER w = f.new_value AND lag(f.new_value) OVER w = f.old_value AS back,
                       lag(r.sha) OVER w AS previous_sha, row_number() OVER w AS turn
                FROM trail.resource_change r
                SEMI JOIN touched USING (environment, kind, namespace, name)
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
            [*self._of_reading, *self._of_reading],
            drop=1,
        )

    def stage_entries(self, stage: str, before: str) -> Iterator[tuple[Any, ...]]:
        """Versions (`VERSION_POINTER`) that landings brought into a stage for the first time of that resource: the
        landing's sha, the resource, pointer, value, and the position at which the same version landed in the stage
        `before` (None where it had not until then).

        An image that names its repository is the same wherever it stands; what names only a version is compared for
        the resource of that kind and name. What a Dockerfile builds on runs nowhere by that name.
        """
        return self.rows(
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
                  AND NOT starts_with(r.api_version, 'docker/') AND r.change IN ('added', 'modified') AND f.new_value IS NOT NULL AND regexp_matches(f.pointer, ?)
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
        return self.rows(
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
        rows = self.rows(
            """
            SELECT DISTINCT r.sha, r.environment FROM trail.resource_change r JOIN judged_landing j ON j.sha = r.sha
            WHERE r.repo = ? AND r.generation = ? AND r.landed ORDER BY ALL
            """,
            self._of_reading,
        )
        yield from ((sha, environment) for sha, environment in rows)
