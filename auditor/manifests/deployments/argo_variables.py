"""The build environment of Argo CD: `$ARGOCD_APP_NAME` and the like, where it fills them in.

Names and rules: argo-cd 3.4, `newEnv` (reposerver) and `Envsubst`, which is Go's `os.Expand`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.manifests.deployments.argo_source import ArgoSource

_REVISIONS = frozenset({"ARGOCD_APP_REVISION", "ARGOCD_APP_REVISION_SHORT", "ARGOCD_APP_REVISION_SHORT_8"})
_REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|([A-Za-z0-9_]+)|([*#$@!?-]))")


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildVariables:
    """The variables of one source."""

    values: Mapping[str, str]

    def filled(self, text: str) -> str:
        """The text with the variables filled in: `$$` is a dollar, an unknown one nothing. The revision is another
        one with every commit and stays as it is written."""

        def fill(match: re.Match[str]) -> str:
            name = match[1] if match[1] is not None else match[2] or match[3]
            if name in _REVISIONS:
                return match[0]
            return "$" if name == "$" else self.values.get(name, "")

        return _REFERENCE.sub(fill, text) if "$" in text else text


def build_variables(source: ArgoSource, *, application: str, namespace: str, project: str) -> BuildVariables:
    """The variables of an Application's source; `namespace` is the destination's."""
    return BuildVariables(
        values={
            "ARGOCD_APP_NAME": application,
            "ARGOCD_APP_NAMESPACE": namespace,
            "ARGOCD_APP_PROJECT_NAME": project,
            "ARGOCD_APP_SOURCE_REPO_URL": source.url,
            "ARGOCD_APP_SOURCE_PATH": text_of_path(source),
            "ARGOCD_APP_SOURCE_TARGET_REVISION": source.revision,
        }
    )


def text_of_path(source: ArgoSource) -> str:
    """The source's path as the Application writes it."""
    written = source.options.get("path")
    return written if isinstance(written, str) else source.folder
