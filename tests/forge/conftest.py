"""One Gitea a test session, where it was built; a repository for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from forge.gitea_server import GiteaRepository, GiteaServer

PEOPLE = ("ann", "bob", "cem", "dora")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GiteaServer]:
    server = GiteaServer(tmp_path_factory.mktemp("gitea"))
    try:
        server.start()
        for name in PEOPLE:
            server.add_user(name)
        yield server
    finally:
        server.stop()


@pytest.fixture
def repository(gitea: GiteaServer) -> Callable[..., GiteaRepository]:
    """Makes a repository with these files on main, in which everybody may write."""

    def make(files: dict[str, str]) -> GiteaRepository:
        made = GiteaRepository(gitea, "root-admin", f"fleet-{next(_numbers)}")
        gitea.api(
            "root-admin",
            "POST",
            "/user/repos",
            {"name": made.name, "auto_init": True, "default_branch": "main"},
        )
        for name in PEOPLE:
            gitea.api("root-admin", "PUT", f"{made.path}/collaborators/{name}", {"permission": "write"})
        made.write("root-admin", "main", files, message="Begin")
        return made

    return make
