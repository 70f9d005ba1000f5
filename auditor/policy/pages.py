"""One page of documentation a rule, made of its METADATA and examples: `docs/rules/<id>.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from auditor.model import RuleInfo
from auditor.policy.library import Library, Rule, load_library

_MANY_KINDS = 12


def rule_pages(library: Library) -> dict[str, str]:
    """File name → Markdown: a page for every rule, the built-in ones included, and an index."""
    by_id = {rule.id: rule for rule in library.rules}
    pages = {f"{info.id}.md": _page(info, by_id.get(info.id)) for info in library.infos}
    pages["README.md"] = _index(library.infos)
    return pages


def write_pages(library: Library, folder: Path) -> list[Path]:
    """Write the pages; pages of rules that are gone are removed. Gives what was written or removed."""
    pages = rule_pages(library)
    folder.mkdir(parents=True, exist_ok=True)
    changed: list[Path] = []
    for path in sorted(folder.glob("*.md")):
        if path.name not in pages:
            path.unlink()
            changed.append(path)
    for name, text in pages.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _page(info: RuleInfo, rule: Rule | None) -> str:
    parts = [
        f"# {info.id}: {info.title}",
        f"Severity **{info.severity}** · category {info.category} · since {info.since}",
        info.description,
        f"## What to do\n\n{info.remediation}",
    ]
    if info.kinds:
        parts.append(f"## What it looks at\n\n{_kinds(info.kinds)}")
    if rule is not None:
        parts.extend(_parameters(rule))
        parts.extend(_examples(rule))
    if info.controls:
        lines = "\n".join(f"- {framework}: {control}" for framework, control in info.controls)
        parts.append(f"## Controls\n\n{lines}")
    if info.related:
        parts.append("## Read more\n\n" + "\n".join(f"- <{link}>" for link in info.related))
    return "\n\n".join(parts) + "\n"


def _kinds(kinds: tuple[str, ...]) -> str:
    if "*" in kinds:
        return "Every kind."
    shown = "\n".join(f"- `{kind}`" for kind in kinds[:_MANY_KINDS])
    rest = len(kinds) - _MANY_KINDS
    return shown if rest <= 0 else f"{shown}\n- and {rest} more"


def _parameters(rule: Rule) -> Iterable[str]:
    properties = rule.metadata.parameters.get("properties", {})
    if properties:
        lines = "\n".join(
            f"- `{name}` (default `{entry.get('default')}`): {entry.get('description', '')}"
            for name, entry in properties.items()
        )
        yield f"## Parameters\n\n{lines}"


def _examples(rule: Rule) -> Iterable[str]:
    for prefix, heading in (("bad", "Fires"), ("good", "Does not fire")):
        texts = [path.read_text(encoding="utf-8").strip() for path in rule.examples(prefix)]
        if texts:
            blocks = "\n\n".join(f"```yaml\n{text}\n```" for text in texts)
            yield f"## {heading}\n\n{blocks}"


def _index(infos: Iterable[RuleInfo]) -> str:
    rows = "\n".join(f"| [{i.id}]({i.id}.md) | {i.title} | {i.severity} | {i.category} |" for i in infos)
    return f"# Rules\n\n| id | title | severity | category |\n|---|---|---|---|\n{rows}\n"


if __name__ == "__main__":
    write_pages(load_library(()), Path(sys.argv[1]))
