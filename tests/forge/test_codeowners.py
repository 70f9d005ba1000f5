"""CODEOWNERS: tables from each forge's documentation, agreement with the codeowners package, hostile files."""

from __future__ import annotations

import time

import pytest
from codeowners import CodeOwners
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ForgeError
from auditor.forge.codeowners import gitea, github, gitlab
from auditor.forge.codeowners.pattern import segment_matches
from auditor.forge.owners import DIALECTS, required_owners

# docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/
# customizing-your-repository/about-code-owners, "Example of a CODEOWNERS file"
GITHUB_EXAMPLE = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@global-owner1", "@global-owner2")),
        ("src/deep/site.js", ("@js-owner",)),
        ("cmd/main.go", ("docs@example.com",)),
        ("notes.txt", ("@octo-org/octocats",)),
        ("build/logs/today.bin", ("@octocat",)),  # a later line matches any logs
        ("build/logs/a/b.bin", ("@octocat",)),
        ("deploy/build/x.bin", ("@global-owner1", "@global-owner2")),
        ("docs/getting-started.md", ("@doctocat",)),
        ("sub/apps/x.yaml", ("@octocat",)),
        ("scripts/run.sh", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/x", ("@octocat",)),
        ("apps/web.yaml", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/hooks.yaml", ()),
    ],
)
def test_github_example(path: str, owners: tuple[str, ...]) -> None:
    (found,) = required_owners(GITHUB_EXAMPLE, "github", [path])
    assert found.owners == owners
    assert found.paths == (path,)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        # "The `docs/*` pattern will match files like `docs/getting-started.md` but not further nested files"
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        # "any file in an apps directory anywhere in your repository"
        ("apps/", "apps/a", True),
        ("apps/", "x/apps/a/b", True),
        ("apps/", "x/apps", False),
        # "any file in the `/docs` directory in the root of your repository and any of its subdirectories"
        ("/docs/", "docs/a/b.md", True),
        ("/docs/", "x/docs/a.md", False),
        # "a `/logs` directory such as `/build/logs`, `/scripts/logs`, and `/deeply/nested/logs`"
        ("**/logs", "build/logs/x", True),
        ("**/logs", "deeply/nested/logs/x", True),
        ("/a/**/z", "a/z", True),
        ("/a/**/z", "a/b/c/z", True),
        ("/a/**", "a/b/c", True),
        ("/a/**", "a", False),
        ("*", "any/where", True),
        ("*.yaml", "a/b.yaml", True),
        ("/*.yaml", "a/b.yaml", False),
        ("a?c", "x/abc", True),
        ("a?c", "x/a/c", False),
        ("with\\ blank/", "with blank/a", True),
        ("README", "readme", False),  # "CODEOWNERS paths are case sensitive"
    ],
)
def test_github_patterns(pattern: str, path: str, matches: bool) -> None:
    assert bool(github.required_owners(f"{pattern} @a\n", [path])) is matches


@pytest.mark.parametrize("line", ["!docs/ @b", "\\#docs @b", "docs/[ab] @b", "docs/ b", "docs/ @b oops"])
def test_github_leaves_out_what_it_cannot_read(line: str) -> None:
    (found,) = github.required_owners(f"* @a\n{line}\n", ["docs/a", "#docs"])
    assert found.owners == ("@a",)
    assert found.paths == ("docs/a", "#docs")


def test_github_loads_no_file_of_3_mb() -> None:
    padding = "#" * (github.MAX_BYTES - len("* @a\n"))
    assert github.required_owners("* @a\n" + padding[:-1], ["x"])
    assert github.required_owners("* @a\n" + padding, ["x"]) == ()


SEGMENTS = st.text("ab*?.", min_size=1, max_size=4).filter(lambda text: text != "**")
PATTERNS = st.builds(
    lambda lead, parts, tail: lead + "/".join(parts) + tail,
    st.sampled_from(["", "/"]),
    st.lists(st.one_of(SEGMENTS, st.just("**")), min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)
PATHS = st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@given(st.lists(PATTERNS, min_size=1, max_size=5), PATHS)
def test_github_agrees_with_the_codeowners_package(patterns: list[str], path: str) -> None:
    """Where the package takes ** otherwise than git (a second ** right after one, or one at the end), it is left out."""
    odd = ("**/**", "***", "**/*")
    patterns = [
        one for one in patterns if not any(each in one for each in odd) and not one.rstrip("/").endswith("**")
    ]
    text = "".join(f"{pattern} @owner{number}\n" for number, pattern in enumerate(patterns))
    expected = tuple(name for _, name in CodeOwners(text).of(path))
    found = github.required_owners(text, [path])
    assert (found[0].owners if found else ()) == expected


# docs.gitlab.com/user/project/codeowners/reference and …/advanced
@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        # "Sections": each is asked on its own, in each the last match
        (
            "* @admin\n\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n\n"
            "[README other owners]\nREADME.md @user3\n",
            "README.md",
            [("@admin",), ("@user1", "@user2"), ("@user3",)],
        ),
        (
            "* @admin\n\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n\n"
            "[README other owners]\nREADME.md @user3\n",
            "internal/README.md",
            [("@admin",), ("@user4",), ("@user3",)],
        ),
        # "Set default Code Owner for a section"
        (
            "[Documentation] @docs-team\ndocs/\nREADME.md\n\n[Database] @database-team @agarcia\nmodel/db/\n"
            "config/db/database-setup.md @docs-team\n",
            "model/db/x.sql",
            [("@database-team", "@agarcia")],
        ),
        (
            "[Documentation] @docs-team\ndocs/\nREADME.md\n\n[Database] @database-team @agarcia\nmodel/db/\n"
            "config/db/database-setup.md @docs-team\n",
            "config/db/database-setup.md",
            [("@docs-team",)],
        ),
        # "Regular entries and sections": model/db/CHANGELOG.txt needs all three
        (
            "* @general-approvers\n\n[Documentation] @docs-team\ndocs/\nREADME.md\n*.txt\n\n"
            "[Database] @database-team\nmodel/db/\nconfig/db/database-setup.md @docs-team\n",
            "model/db/CHANGELOG.txt",
            [("@general-approvers",), ("@docs-team",), ("@database-team",)],
        ),
        # "Define Code Owners for specific files or directories"
        ("*.md @doc-team\nterms.md @legal-team\n", "terms.md", [("@legal-team",)]),
        # "Malformed owners"
        (
            "/path/* @group user_without_at_symbol @user_with_at_symbol\n",
            "path/x",
            [("@group", "@user_with_at_symbol")],
        ),
        # "Unparsable sections": the heading becomes an entry
        ("* @group\n\n[Section name\ndocs/ @docs_group\n", "docs/a", [("@docs_group",)]),
        # "Zero owners"
        ("* @a\n/free/\n", "free/x", []),
        # "Add a role as a Code Owner"
        ("file.md @@developer @@maintainer\n", "x/file.md", [("@@developer", "@@maintainer")]),
        # "Inline comments are unsupported. Any Code Owners listed in a comment are parsed."
        ("a.md @one # @two\n", "a.md", [("@one", "@two")]),
        # "Exclusion patterns"
        ("* @username\n!pom.xml\n", "x/pom.xml", []),
        ("* @default-owner\n!*.rb\n/special/*.rb @ruby-owner\n", "special/a.rb", []),
        (
            "[Ruby]\n*.rb @ruby-team\n!/config/**/*.rb\n[Config]\n/config/ @ops-team\n",
            "config/a/routes.rb",
            [("@ops-team",)],
        ),
        ("* @o\n!**/generated/\n", "a/generated/x/y", []),
        ("\\#file_with_pound.rb @p\n", "#file_with_pound.rb", [("@p",)]),
        ("path\\ with\\ spaces/ @space-owner\n", "path with spaces/x", [("@space-owner",)]),
    ],
)  # fmt: skip
def test_gitlab(text: str, path: str, expected: list[tuple[str, ...]]) -> None:
    assert [one.owners for one in required_owners(text, "gitlab", [path])] == expected


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        # "Absolute paths", "Relative paths", "Directory paths", "Wildcard paths", "Globstar paths"
        ("/README.md", "README.md", True),
        ("/README.md", "docs/README.md", False),
        ("/docs/README.md", "docs/README.md", True),
        ("README.md", "app/lib/README.md", True),
        ("internal/README.md", "docs/api/internal/README.md", True),
        ("/docs/", "docs/a/b", True),
        ("/docs/", "x/docs/a", False),
        ("lib/", "x/lib/a/b", True),
        ("/docs/*.md", "docs/a.md", True),
        ("/docs/*.md", "docs/a/b.md", False),
        ("/docs/index.*", "docs/index.html", True),
        ("/docs/*spec*", "docs/qa_specs.rb", True),
        ("/docs/*/README.md", "docs/api/README.md", True),
        ("/docs/*/README.md", "docs/README.md", False),
        ("/docs/**/index.md", "docs/index.md", True),
        ("/docs/**/index.md", "docs/api/graphql/index.md", True),
        ("**/*.rb", "config/database.rb", True),
        ("*", ".gitignore", True),
        ("/docs/*", "docs/projects/index.md", False),
        ("docs", "docs/a", False),  # fnmatch: a name without a slash at its end is no folder
        ("[a-c].md", "b.md", True),
        ("[!a-c].md", "b.md", False),
    ],
)
def test_gitlab_paths(pattern: str, path: str, matches: bool) -> None:
    assert bool(gitlab.required_owners(f"{pattern} @a\n", [path])) is matches


@pytest.mark.parametrize(
    ("heading", "approvals", "optional"),
    [
        ("[Section name]", 1, False),
        ("^[Section name]", 1, True),
        ("[Section name][5]", 5, False),
        ("[Section name][2] @group @subgroup", 2, False),
        ("[Section name][0]", 1, False),  # "Setting the number of approvals to 0 results in … one approval"
        ("[Section name][x]", 1, False),  # "Invalid values for n are treated as 1"
        ("^[Section name][3]", 3, True),
    ],
)
def test_gitlab_headings(heading: str, approvals: int, optional: bool) -> None:
    (found,) = gitlab.required_owners(f"{heading}\n* @a\n", ["x"])
    assert (found.approvals, found.optional) == (approvals, optional)


def test_gitlab_joins_sections_of_one_name_and_requires_if_any_does() -> None:
    text = "^[Docs]\na.md @one\n[DOCS][2]\nb.md @two\n^[docs]\nc.md @three\n"
    found = gitlab.required_owners(text, ["a.md", "b.md", "c.md"])
    assert [(one.owners, one.approvals, one.optional) for one in found] == [
        (("@one",), 2, False), (("@two",), 2, False), (("@three",), 2, False),
    ]  # fmt: skip


# docs.gitea.com/usage/code-owners, and the cases of its parser
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("# comment", []),
        ("!.* @user1 @org1/team1", ["!.*", "@user1", "@org1/team1"]),
        (r".*\\.js @user2 #comment", [r".*\.js", "@user2"]),
        (r"docs/(aws|google|azure)/[^/]*\\.(md|txt) @org3 @org2/team2", [r"docs/(aws|google|azure)/[^/]*\.(md|txt)", "@org3", "@org2/team2"]),
        (r"\#path @org3", ["#path", "@org3"]),
        (r"path\ with\ spaces/ @org3", ["path with spaces/", "@org3"]),
    ],
)  # fmt: skip
def test_gitea_words(line: str, expected: list[str]) -> None:
    assert gitea.words(line) == expected


@pytest.mark.parametrize(
    ("rule", "path", "matches"),
    [
        (r".*\\.go @user1", "cmd/main.go", True),
        (r".*\\.go @user1", "main.gox", False),
        (r"frontend/src/.* @org1/team1", "frontend/src/a.js", True),
        (r"frontend/src/.* @org1/team1", "x/frontend/src/a.js", False),  # the whole path
        (r"/docs/.*\\.md @user1", "docs/a.md", True),  # a slash before is left out
        (r"!/assets/.*\\.(bin|exe|msi) @user1", "assets/a.bin", False),
        (r"!/assets/.*\\.(bin|exe|msi) @user1", "src/a.c", True),
        (r"(?!vendor/).* @user1", "vendor/a", False),  # lookahead, as its engine has it
        (r"(?!vendor/).* @user1", "src/a", True),
        (r"broken( @user1", "broken(", False),  # left out with a warning
        (r"lonely", "lonely", False),
    ],
)
def test_gitea_rules(rule: str, path: str, matches: bool) -> None:
    assert bool(gitea.required_owners(rule + "\n", [path])) is matches


def test_gitea_asks_every_rule_that_matches() -> None:
    found = required_owners(".* @one\napps/.* two @org/team\n", "gitea", ["apps/a", "b"])
    assert [(one.owners, one.paths) for one in found] == [
        (("@one",), ("apps/a", "b")), (("@two", "@org/team"), ("apps/a",)),
    ]  # fmt: skip


def test_gitea_gives_up_an_expression_without_end() -> None:
    started = time.monotonic()
    with pytest.raises(ForgeError, match="line 1 takes too long"):
        gitea.required_owners("(a|aa)+$b|(a+)+$ @one\n", ["a" * 5000 + "!"])
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("dialect", ["github", "gitlab"])
def test_patterns_made_to_take_for_ever_do_not(dialect: str) -> None:
    started = time.monotonic()
    text = "".join(f"/{'**/a*/' * 40}x{number} @a\n" for number in range(50))
    required_owners(text, dialect, ["/".join(["aaaa"] * 400)])
    assert segment_matches("*a" * 200, "a" * 5000 + "b", classes=False) is False
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("dialect", DIALECTS)
def test_too_many_rules_are_an_error_and_no_pass(dialect: str) -> None:
    with pytest.raises(ForgeError, match="too many"):
        required_owners("a @b\n" * 3000, dialect, [f"p{number}" for number in range(1000)])


@given(
    st.sampled_from(sorted(DIALECTS)),
    st.text(max_size=200) | st.text(alphabet="ab/*.?[]^!# @\\\n", max_size=80),
    st.lists(st.text(min_size=1, max_size=20) | st.text(alphabet="ab/.", min_size=1, max_size=6), max_size=3),
)
def test_any_text_is_read_and_a_last_line_for_all_decides(dialect: str, text: str, paths: list[str]) -> None:
    for found in required_owners(text, dialect, paths):
        assert set(found.paths) <= set(paths)
        assert found.paths
