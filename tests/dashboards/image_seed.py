"""Images over the made-up database: written and rendered ones, pinned, watched, moved by a policy, asked about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from service.trail_seed import REPO, insert, seed

from auditor.store.database import Database, open_database

ASKED = datetime(2026, 9, 2, 7, 30, tzinfo=UTC)
DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
FINDING = "F-0123456789ab"
HOSTILE_IMAGE = "a.example/<b>x</b>[y](javascript:z):$1"
POINTER = "spec.template.spec.containers[name={name}].image"


def seed_images(path: Path) -> Path:
    """The made-up database with the images of what its newest landing declares."""
    seed(path)
    with open_database(path) as database:
        _written(database)
        _others(database)
        _facts(database)
        _finding(database)
    return path


def _finding(database: Database) -> None:
    """One that is open in the deployment web of production."""
    insert(
        database,
        "finding",
        [
            {
                "repo": REPO, "id": FINDING, "occurrence": 1, "rule_id": "workload-latest-tag", "severity": "high",
                "source": "manifest", "environment": "production", "api_version": "apps/v1", "kind": "Deployment",
                "namespace": "payments", "name": "web", "line": 3, "detected_at": ASKED, "engine": "embedded",
            }
        ],
    )  # fmt: skip


def _written(database: Database) -> None:
    """The image of every deployment, as its last landed change says."""
    newest = database.connection.execute(
        """
        SELECT environment, name, arg_max(path, position), arg_max(trim(new_value, '"'), position)
        FROM field_changes WHERE landed AND contains(pointer, 'image') GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    for environment, name, path, image in newest:
        if (environment, name) == ("staging", "api"):
            _place(
                database, environment="preview", name=name, path=path, image=image, rendered_from="apps/preview",
                pointer=POINTER.format(name=name),
            )  # fmt: skip
        _place(
            database,
            environment=environment,
            name=name,
            path=path,
            image=image,
            pointer=POINTER.format(name=name),
        )


def _others(database: Database) -> None:
    production = {"environment": "production", "rendered_from": "apps/production"}
    _place(
        database,
        **production,
        name="cache",
        path="apps/base/cache.yaml",
        image=f"redis:8@{DIGEST}",
        namespace="data",
    )
    _place(database, **production, name="proxy", path="apps/base/proxy.yaml", image=f"envoy:1.3@{DIGEST}")
    _place(database, **production, name="odd", path="apps/base/odd.yaml", image=HOSTILE_IMAGE, readable=False)
    _place(
        database, environment="production", name="watched", path="apps/watched.yaml", image="ghcr.io/acme/web",
        kind="ImageRepository", field="flux-image-repository", pointer="spec.image",
    )  # fmt: skip
    _place(
        database, environment="production", name="apps/production", path="apps/production/kustomization.yaml",
        image="ghcr.io/acme/web:2.0", kind="Kustomization", namespace="", field="kustomize-images",
        pointer="images[name=ghcr.io/acme/web]", pointers=["images[name=ghcr.io/acme/web].newTag"],
    )  # fmt: skip
    document = "document apps/production ghcr.io/acme/web:2.0"
    marker = {"content": "blob 1", "digest": document, "pointer": "images[name=ghcr.io/acme/web].newTag"}
    insert(
        database,
        "image_marker",
        [{**marker, "repo": REPO, "policy": "flux-system/web", "part": "tag", "line": 4}],
    )
    insert(
        database,
        "marked_file",
        [{"repo": REPO, "path": "apps/production/kustomization.yaml", "content": "blob 1"}],
    )


def _place(
    database: Database,
    *,
    environment: str,
    name: str,
    path: str,
    image: str,
    kind: str = "Deployment",
    namespace: str = "payments",
    field: str = "container",
    pointer: str = "spec.template.spec.containers[name=app].image",
    pointers: list[str] | None = None,
    rendered_from: str = "",
    readable: bool = True,
) -> None:
    document = f"document {name} {image}"
    insert(
        database,
        "resource",
        [
            {
                "repo": REPO, "environment": environment, "path": path, "api_version": "apps/v1", "kind": kind,
                "namespace": namespace, "name": name, "digest": document, "rendered_from": rendered_from, "line": 1,
            }
        ],
    )  # fmt: skip
    reference, _, digest = image.partition("@")
    place, _, tag = reference.rpartition(":") if ":" in reference else (reference, "", "")
    host, slash, rest = place.partition("/")
    registry, repository = (host, rest) if slash else ("docker.io", f"library/{place}")
    parts = (registry, repository, tag, digest) if readable else ("", "", "", "")
    row = {"repo": REPO, "digest": document, "pointer": pointer, "field": field, "image": image}
    named = dict(zip(("registry", "repository", "tag", "image_digest"), parts, strict=True))
    insert(database, "image_reference", [{**row, **named, "pointers": pointers or [pointer]}])


def _facts(database: Database) -> None:
    """Of one pinned image the tag has moved, of the other it has not; one registry did not answer."""
    fact: dict[str, object] = {"registry": "docker.io", "observed_at": ASKED}
    web = {"registry": "ghcr.io", "repository": "acme/web", "reference": "2.0", "observed_at": ASKED}
    insert(
        database,
        "registry_fact",
        [
            {
                **fact,
                "repository": "library/redis",
                "reference": "8",
                "digest": DIGEST,
                "signed": True,
                "evidence": "tag",
            },
            {**fact, "repository": "library/envoy", "reference": "1.3", "digest": OTHER, "signed": False},
            {**web, "digest": OTHER, "signed": None, "observed_at": datetime(2026, 9, 1, tzinfo=UTC)},
            {**web, "digest": "", "signed": None, "failure": "the registry asks who is there"},
        ],
    )
