"""Pages of documentation made of what the rules and frameworks say of themselves.

`docs/rules/<id>.md` a rule (which `auditor policy show` prints), `docs/frameworks/<name>.md` a framework.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from auditor.model import RuleInfo
from auditor.policy.frameworks import Control, Framework
from auditor.policy.library import Library, Rule, load_library

_MANY_KINDS = 12


_STATUSES = """\
## What the status of a control means

| status | means |
|---|---|
| fail | a finding of one of its rules is open, neither waived nor advisory |
| error | a rule could not be evaluated |
| not evaluated | a rule did not run, skipped something, or may have missed what it looks for: it may be in a chart that is not rendered, or in a file that cannot be read |
| pass | every rule that has something to judge judged it, and found nothing that is open |
| manual | the evidence is left to people |
| not applicable | the whole repository was seen, and holds nothing that a rule of the control looks at |

The worst of its rules decides. Only *pass* is a pass. A rule without anything to judge takes nothing from the others, and
how many there are stands beside the status. *Not applicable* speaks of the repository: whether a control applies to the
organisation is for people to say. A pass means that the rules found nothing open, not that the control as a whole is met;
what people have to do stands beside it.
"""


def rule_pages(library: Library) -> dict[str, str]:
    """File name → Markdown: a page for every rule, the built-in ones included, and an index."""
    pages = {f"{info.id}.md": rule_page(library, info) for info in library.infos}
    pages["README.md"] = _index(library.infos)
    return pages


def framework_pages(library: Library) -> dict[str, str]:
    """File name → Markdown: a page for every framework, and an index."""
    infos = {info.id: info for info in library.infos}
    pages = {f"{framework.name}.md": _framework_page(framework, infos) for framework in library.frameworks}
    rows = "\n".join(
        f"| [{framework.name}]({framework.name}.md) | {framework.title} | {framework.version} |"
        f" {len(framework.controls)} | {sum(control.manual for control in framework.controls)} |"
        for framework in library.frameworks
    )
    head = "| name | framework | version | controls | left to people |\n|---|---|---|---|---|"
    pages["README.md"] = f"# Frameworks\n\n{head}\n{rows}\n\n{_STATUSES}"
    return pages


def write_pages(pages: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the pages; others in the folder are removed. Gives what was written or removed."""
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


def rule_page(library: Library, info: RuleInfo) -> str:
    """Everything there is to say of a rule, as Markdown: why, what to do, parameters, examples, controls."""
    rule = next((rule for rule in library.rules if rule.id == info.id), None)
    parts = [
        f"# {info.id}: {info.title}",
        f"Severity **{info.severity}** · category {info.category} · since {info.since}",
        f"## Why\n\n{info.description}",
        f"## What to do\n\n{info.remediation}",
    ]
    if info.kinds:
        parts.append(
            f"## What it looks at\n\n{_kinds(info.kinds, together=rule is not None and rule.over_set)}"
        )
    if rule is not None:
        parts.extend(_parameters(rule))
        parts.extend(_examples(rule))
    if info.controls:
        titles = _titles(library)
        lines = "\n".join(f"- {titles.get(pair, ' '.join(pair))}" for pair in info.controls)
        parts.append(f"## Evidence for\n\n{lines}")
    if info.related:
        parts.append("## Read more\n\n" + "\n".join(f"- <{link}>" for link in info.related))
    return "\n\n".join(parts) + "\n"


def _titles(library: Library) -> dict[tuple[str, str], str]:
    return {
        (framework.name, control.id): f"{framework.title}: {control.id} {_title(framework, control)}"
        for framework in library.frameworks
        for control in framework.controls
    }


def _framework_page(framework: Framework, infos: Mapping[str, RuleInfo]) -> str:
    parts = [f"# {framework.title}", f"Version {framework.version} · <{framework.url}>"]
    parts.extend(text for text in (framework.scope, framework.source) if text)
    parts.append(
        "The rules give evidence for a control; where a control also needs people, or needs them alone, it says so."
    )
    section = ""
    for control in framework.controls:
        if control.section != section:
            section = control.section
            parts.append(f"## {section}")
        lines = [f"### {control.id} {_title(framework, control)}"]
        if control.rules:
            lines.append(
                "\n".join(
                    f"- [{rule_id}](../rules/{rule_id}.md) {infos[rule_id].title if rule_id in infos else ''}".rstrip()
                    for rule_id in control.rules
                )
            )
        if control.manual:
            lines.append("**Manual:** no rule can give evidence.")
        if control.people:
            lines.append(f"People: {control.people}")
        parts.append("\n\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _title(framework: Framework, control: Control) -> str:
    return f"{control.title} (our wording)" if framework.titled_by_us else control.title


def _kinds(kinds: tuple[str, ...], *, together: bool) -> str:
    if "*" in kinds:
        return "Every kind."
    shown = "\n".join(f"- `{kind}`" for kind in kinds[:_MANY_KINDS])
    rest = len(kinds) - _MANY_KINDS
    listed = shown if rest <= 0 else f"{shown}\n- and {rest} more"
    return f"All of one environment together:\n\n{listed}" if together else listed


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
    docs = Path(sys.argv[1])
    write_pages(rule_pages(load_library(())), docs / "rules")
    write_pages(framework_pages(load_library(())), docs / "frameworks")
