"""Moves of refs between two scans, as findings that hang on what was seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from changecontrol.change_audit import ChangeAudit
from histories.builder import History

Audited = Callable[..., ChangeAudit]


def refs(found: ChangeAudit) -> list[tuple[str, ...]]:
    return found.rows(
        "SELECT rule_id, kind, name FROM findings WHERE kind = 'Ref' AND rule_id IN ('AUD-CHG-0014', 'AUD-CHG-0015',"
        " 'AUD-CHG-0016') ORDER BY ALL"
    )


def test_a_rewritten_branch_a_moved_tag_and_deleted_refs(story: History, audited: Audited) -> None:
    first = story.commit("first", {"a": "1"})
    second = story.commit("second", {"a": "2"})
    for tag, sha in (("v1", first), ("v2", first), ("latest", first)):
        story.ref(f"refs/tags/{tag}", sha)
    story.branch("feature", second)
    story.branch("merged", second)
    found = audited()
    assert refs(found) == [], "at first sight nothing has moved"
    for tag in ("v1", "latest"):
        story.ref(f"refs/tags/{tag}", second)
    (story.git_folder / "refs/tags/v2").unlink()
    (story.git_folder / "refs/heads/merged").unlink()
    story.commit("rebased", {"a": "3"}, branch="feature", parents=(first,))
    story.commit("forced", {"a": "4"}, parents=(first,))
    found.scan()
    expected = [
        ("AUD-CHG-0014", "Ref", "refs/heads/main"),
        ("AUD-CHG-0015", "Ref", "refs/tags/v1"),
        ("AUD-CHG-0016", "Ref", "refs/tags/v2"),
    ]
    assert refs(found) == expected
    found.scan()
    assert refs(found) == expected, "a look that sees no move says nothing new, and takes nothing back"
    ((opened_at,),) = found.rows("SELECT opened_at FROM findings WHERE rule_id = 'AUD-CHG-0015'")
    assert opened_at == datetime(2026, 1, 2, tzinfo=UTC), "when it was seen: no commit says so"
    story.ref("refs/tags/v1", first)
    found.scan()
    assert len(refs(found)) == 4, "moving it back is another move"
