"""The parameters of the rules: those that hold everywhere, and those of environments that have their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from auditor.policy.groups import Grouping
from auditor.policy.parameters import merged, parameter_bytes, profile_name

if TYPE_CHECKING:
    from auditor.policy.judge.spec import JudgeSpec
    from auditor.policy.library import Library
    from auditor.policy.workloads import PodPlace


class RuleParameters:
    """`general` parameters by rule id as JSON, and those of `environments` by environment, then rule id."""

    def __init__(self, spec: JudgeSpec, library: Library, version: str) -> None:
        """Raises ConfigurationError or PolicyError as `parameter_bytes` does."""
        self.general: Mapping[str, bytes] = parameter_bytes(library, spec.parameters, version)
        self.environments: Mapping[str, Mapping[str, bytes]] = {
            environment: parameter_bytes(library, merged(spec.parameters, given), version)
            for environment, given in spec.environments.items()
        }


class Profiles:
    """How the rules on single manifests are grouped for each set of parameters that some environment has.

    A profile is the name of such a set, '' for the general one; environments of equal parameters share it.
    """

    def __init__(
        self, library: Library, parameters: RuleParameters, *, whole: bool, places: Mapping[str, PodPlace]
    ) -> None:
        """`whole` and `places` as for `Grouping`."""
        self.general = Grouping(library, parameters.general, whole=whole, places=places)
        self._name_of = {
            environment: profile_name(library, parameters.general, given)
            for environment, given in parameters.environments.items()
        }
        self._groupings: dict[str, Grouping] = {"": self.general}
        for environment, given in parameters.environments.items():
            if self._name_of[environment] not in self._groupings:
                self._groupings[self._name_of[environment]] = Grouping(
                    library, given, whole=whole, places=places
                )

    def name_of(self, environment: str) -> str:
        """The profile by which rules on single manifests judge there."""
        return self._name_of.get(environment, "")

    def grouping(self, profile: str) -> Grouping:
        """How rules are asked by a profile that `name_of` named."""
        return self._groupings[profile]

    @property
    def are_several(self) -> bool:
        """True where some environment has parameters of its own for rules on single manifests."""
        return len(self._groupings) > 1
