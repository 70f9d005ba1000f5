"""Files that Flux leaves out of an artifact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from auditor.errors import RenderError
from auditor.manifests.deployments.sourceignore import left_out, left_out_by_default


class Tree:
    """Files in memory."""

    def __init__(self, paths: Iterable[str], contents: Mapping[str, str]) -> None:
        self.files = {**dict.fromkeys(paths, ""), **contents}

    def paths(self) -> Iterable[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path].encode()


FILES = (
    "a.yaml", "docs/a.yaml", "docs/deep/b.yaml", "app/docs", "app/x.png", "app/x.yaml", ".github/workflows/w.yaml",
    "app/.sops.yaml", "pic.jpg/y.yaml", "app/.github", "app/tar.gz", "app/x.tar.gz",
)  # fmt: skip
DEFAULT = {
    ".github/workflows/w.yaml",
    "app/.sops.yaml",
    "app/x.png",
    "pic.jpg/y.yaml",
    "app/x.tar.gz",
}


def test_the_default_list() -> None:
    assert left_out_by_default(FILES) == DEFAULT
    assert left_out(Tree(FILES, {}), None) == DEFAULT


@pytest.mark.parametrize(
    ("line", "further"),
    [
        ("docs/", {"docs/a.yaml", "docs/deep/b.yaml"}),
        ("docs", {"docs/a.yaml", "docs/deep/b.yaml", "app/docs"}),
        ("/docs", {"docs/a.yaml", "docs/deep/b.yaml"}),
        ("docs/*.yaml", {"docs/a.yaml"}),
        ("docs/**/b.yaml", {"docs/deep/b.yaml"}),
        ("**/a.yaml", {"a.yaml", "docs/a.yaml"}),
        ("/a.yaml", {"a.yaml"}),
        ("[ab].yaml", {"a.yaml", "docs/a.yaml", "docs/deep/b.yaml"}),
        ("app/x.?aml  ", {"app/x.yaml"}),
        ("# docs/", set()),
        ("[", set()),
        ("docs/**", {"docs/a.yaml", "docs/deep/b.yaml"}),
        ("a**.yaml/x", set()),
    ],
)
def test_one_line(line: str, further: set[str]) -> None:
    assert left_out(Tree(FILES, {".sourceignore": f"{line}\n"}), None) == DEFAULT | further
    assert left_out(Tree(FILES, {}), line) == DEFAULT | further


def test_the_last_line_that_says_something_counts() -> None:
    lines = "/*\n!/app\n!/.sourceignore\n!/docs\r\n/docs/deep\n"
    found = left_out(Tree(FILES, {".sourceignore": lines}), None)
    assert set(FILES) - found == {"app/docs", "app/.github", "app/tar.gz", "app/x.png", "app/x.yaml", "app/.sops.yaml",
                                  "app/x.tar.gz", "docs/a.yaml"}  # fmt: skip


def test_what_is_too_much_to_match_is_refused() -> None:
    with pytest.raises(RenderError, match="too much"):
        left_out(Tree((f"{number}.yaml" for number in range(10_000)), {}), "x\n" * 10_000)


def test_files_of_folders_and_then_the_sources_own() -> None:
    contents = {".sourceignore": "b.yaml\n", "docs/.sourceignore": "!b.yaml\n/a.yaml\n"}
    assert left_out(Tree(FILES, contents), None) == DEFAULT | {"docs/a.yaml"}
    assert left_out(Tree(FILES, contents), "!*.png\ndeep/") == (DEFAULT - {"app/x.png"}) | {
        "docs/a.yaml",
        "docs/deep/b.yaml",
    }
