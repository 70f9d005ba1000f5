"""The rules on how changes landed; auditor/changecontrol judges, docs/change-control.md explains."""

from __future__ import annotations

from auditor.model import RuleInfo, Severity

CATEGORY = "change-control"


def _rule(
    number: int, title: str, severity: Severity, description: str, remediation: str, *related: str
) -> RuleInfo:
    return RuleInfo(
        id=f"AUD-CHG-{number:04d}",
        title=title,
        description=description,
        severity=severity,
        category=CATEGORY,
        kinds=(),
        remediation=remediation,
        since="0.1.0",
        related=related,
    )


_LOW, _MEDIUM, _HIGH, _CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
_PROTECTION = "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches"
_SLSA = "https://slsa.dev/spec/v1.2/source-requirements"
_SIGNING = "https://git-scm.com/book/en/v2/Git-Tools-Signing-Your-Work"

CHANGE_RULES: tuple[RuleInfo, ...] = (
    _rule(
        6,
        "A merge holds something that its parents do not give",
        _HIGH,
        "The tree of a merge commit is not what git makes of its parents: something was added, changed or left out in "
        "the merge itself. No review of the merged branch has shown it. Where the sides conflict, choosing among what "
        "they say is honest; what stands outside the conflict, or is on no side at all, is not.",
        "Look at what the merge changed by itself (`git show --remerge-diff`), and undo it or have it reviewed. Let the "
        "forge make merges.",
        "https://git-scm.com/docs/git-merge-tree",
    ),
    _rule(
        7,
        "A change landed without an approval",
        _HIGH,
        "By the forge's own account nobody had approved the request when it was merged, or it landed by no request. "
        "Merging is not approving. Without a forge this is not evaluated, which is no pass.",
        "Require an approval by branch protection; record why this change had none and have it reviewed now.",
        _PROTECTION,
    ),
    _rule(
        8,
        "A change was approved by those who made it alone",
        _HIGH,
        "Somebody who wrote part of the change, as author, co-author or by pushing to a bot's request, has no approver "
        "who is somebody else: nobody independent has looked at that part.",
        "Have somebody else review it; let the forge dismiss approvals of those who pushed last.",
        _SLSA,
    ),
    _rule(
        9,
        "What was approved is not what landed",
        _MEDIUM,
        "The request changed after its approval, and the patch that landed is another one. Bringing the base up to "
        "date changes no patch and is not meant.",
        "Let the forge dismiss approvals when new commits are pushed; review what came after.",
        _PROTECTION,
    ),
    _rule(
        10,
        "An owner's approval is missing",
        _MEDIUM,
        "CODEOWNERS of the base names owners for what was changed, and not enough of them approved before the merge.",
        "Require reviews from code owners by branch protection; have the owners look at it now.",
        "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners",
        "https://docs.gitlab.com/user/project/codeowners/reference/",
    ),
    _rule(
        11,
        "A signature is bad or by a key that is not trusted",
        _HIGH,
        "The signature does not fit the commit, or its key was not trusted when it was checked. A key that expired or "
        "was revoked after its signature had been found good takes nothing away.",
        "Find out whose key it is; add it to the trust store or treat the commit as anybody's.",
        _SIGNING,
    ),
    _rule(
        12,
        "A commit is signed by the platform alone",
        _LOW,
        "The forge signed the commit with its own key. That names the platform and not the person: whoever holds a "
        "session or a token of the author's could have made it.",
        "Let people sign what they commit with their own keys.",
        "https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification",
    ),
    _rule(
        13,
        "A commit is signed by somebody else than its committer",
        _HIGH,
        "By the directory of people, the key that signed belongs to another person than the one whom the commit names "
        "as committer. The repository's own .mailmap is not asked: it would be the attacker's to write.",
        "Ask both. Where one person has several addresses, list them in `people`.",
        _SIGNING,
    ),
    _rule(
        14,
        "A protected history was rewritten",
        _HIGH,
        "The branch's recorded tip is not an ancestor of where it points now: commits that had landed are not in its "
        "history any more. The trail keeps them, and the findings that rest on them.",
        "Find out who pushed, and compare both tips; forbid force pushes by branch protection.",
        _PROTECTION,
        _SLSA,
    ),
    _rule(
        15,
        "A tag was moved",
        _HIGH,
        "A tag points at another commit than before, so that what is deployed by its name has changed without a change "
        "of the name. Tags that are made to move can be listed.",
        "Find out who moved it; protect tags by rule. List floating tags under `change_control.floating_tags`.",
        _SLSA,
    ),
    _rule(
        16,
        "A tag or a protected branch was deleted",
        _MEDIUM,
        "A tag, or a branch whose history counts, is gone. What it pointed at is recorded.",
        "Find out why; restore it if releases or controls are named by it. Protect tags and branches.",
        _SLSA,
    ),
    _rule(
        17,
        "Automation changed more than it is registered for",
        _MEDIUM,
        "A bot or an automation edited fields beyond image tags and chart versions, or beyond the scope that it is "
        "registered with: another image repository, another resource, another setting. Fields are compared, so that "
        "reformatting is no edit.",
        "Find out what made it do so; where it should, register the scope under `actors`.",
        "https://fluxcd.io/flux/guides/image-update/",
    ),
    _rule(
        18,
        "A commit bears a bot's name without its key",
        _HIGH,
        "The author claims to be a bot that is registered with a key, and the commit is not signed by that key. Bots "
        "are reviewed less, so that their names are worth borrowing.",
        "Find out who made it. Register each bot with the key that it signs with.",
        _SIGNING,
    ),
    _rule(
        19,
        "Somebody unknown changed something",
        _MEDIUM,
        "An author, committer or co-author has an address that the directory of people does not know.",
        "Add the person to `people`, with all addresses, or find out how they came to commit.",
        "https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=AC-2",
    ),
    _rule(
        20,
        "A version reached production without the stage before",
        _MEDIUM,
        "An image or a chart version landed in the last environment that had never been in the one before it, or "
        "landed in both at once, and was not announced as a hotfix.",
        "Let versions pass through the stages; announce hotfixes by label, subject or trailer.",
        "https://opengitops.dev/",
    ),
    _rule(
        21,
        "A change was rolled back",
        _LOW,
        "The message says that it takes a commit back, or a field has the value again that it had before the last "
        "change. No fault by itself: somebody will ask why. Taking back a rollback is not meant.",
        "Link the incident; see that the cause was found.",
        "https://git-scm.com/docs/git-revert",
    ),
    _rule(
        22,
        "A hotfix went straight to production",
        _LOW,
        "A version that was not in the stage before landed in the last environment, announced as a hotfix. Listed so "
        "that each of them is looked at afterwards.",
        "Review it after the fact and bring the earlier stages up to the same version.",
        "https://opengitops.dev/",
    ),
    _rule(
        23,
        "Nothing says why a change was made",
        _LOW,
        "A person's commit has neither a ticket nor a text beyond its subject, and neither has its request.",
        "Ask for a reason in the request's text, by a template; require tickets.",
        "https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=AU-3",
    ),
    _rule(
        24,
        "A change landed during a freeze",
        _MEDIUM,
        "It landed inside a configured window in which nothing was to land: by when it was first seen, since a "
        "commit's date is the committer's to choose. What had landed before the first look has only its own dates, "
        "and the finding says so.",
        "Record who allowed it; enforce freezes where changes are merged.",
        _PROTECTION,
    ),
    _rule(
        25,
        "A control was weakened",
        _HIGH,
        "Something that guards was loosened: owners were dropped from CODEOWNERS, checks from CI, rules from policies; "
        "a role allows more, an admission policy denies less, a source's signatures are not verified any more. "
        "Versions are compared by their meaning, so that rewording is no finding.",
        "See that whoever owns the control agreed, and to what end; put it back otherwise.",
        "https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home?element=CM-6",
    ),
    _rule(
        26,
        "A privileged resource was changed",
        _LOW,
        "RBAC, admission, Secrets, or a policy of a whole namespace was changed: what decides who may do what. No "
        "fault in itself; each of them deserves a second look.",
        "See that it was requested, and reviewed by somebody who owns the control.",
        "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    ),
    _rule(
        27,
        "Something landed that no review of the text shows",
        _LOW,
        "A submodule, a file kept elsewhere (Git LFS), a binary file, a symbolic link, a file made executable, or a "
        "remote base taken from wherever its branch stands.",
        "Keep what is deployed in the repository as text, or pin it by commit or digest; list vendored releases under "
        "`change_control.vendored`.",
        "https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/",
    ),
    _rule(
        28,
        "The history is not whole",
        _CRITICAL,
        "The repository is shallow, grafted, or lacks objects, so that what is not there was not judged. The run is "
        "incomplete and passes nothing.",
        "Audit a full clone; see why objects are missing.",
        "https://git-scm.com/docs/shallow",
    ),
)
"""AUD-CHG-0006 and on; the first five are in auditor/policy/builtin.py."""
