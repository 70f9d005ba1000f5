"""One cluster a test session, and Flux on it, where they were built; a namespace for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest
from realparts.cluster_server import Cluster, cluster_of, start_cluster, start_controllers
from realparts.flux_controller import Artifacts, artifacts, start_flux
from realparts.shared_parts import session_folder, shared

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = session_folder(tmp_path_factory.getbasetemp())
    with shared(folder / "cluster", start_cluster) as facts:
        yield cluster_of(facts)


@pytest.fixture(scope="session")
def flux(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Artifacts]:
    """Serves what this worker's sources hold; the controller itself is shared."""
    folder = session_folder(tmp_path_factory.getbasetemp())
    with (
        shared(folder / "flux", lambda place, processes: start_flux(cluster, place, processes)),
        artifacts() as served,
    ):
        yield served


@pytest.fixture(scope="session")
def controllers(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Kubernetes' own controllers: started for the tests that ask for them, since others need none."""
    folder = session_folder(tmp_path_factory.getbasetemp())
    with shared(
        folder / "controllers", lambda place, processes: start_controllers(cluster, place, processes)
    ):
        yield


@pytest.fixture
def namespace(cluster: Cluster) -> Callable[[], str]:
    """Makes namespaces that nobody else has."""

    def make() -> str:
        name = f"t-{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}-{next(_numbers)}"
        cluster.kubectl("create", "namespace", name)
        return name

    return make
