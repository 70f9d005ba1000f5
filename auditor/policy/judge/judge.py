"""The judge itself. Importing this module is cheap: what it needs is imported when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.model import Document, Judgement, Outcome, RuleInfo, Severity, Verdict
from auditor.policy.builtin import MISSING_SCHEMA, SCHEMA
from auditor.policy.judge.opening import JudgesEngine
from auditor.policy.judge.spec import JudgeSpec
from auditor.policy.router import is_source_kind, kind_of

if TYPE_CHECKING:
    from auditor.policy.engines import EngineSession
    from auditor.policy.foreign.asking import ExpressionRules
    from auditor.policy.groups import KnownAnswers
    from auditor.policy.interface import Engine
    from auditor.policy.library import Library
    from auditor.policy.sets import SetAnswer, SetQuestion, SetRules


class Judge:
    """Evaluates every rule that a document's kind meets, and its schema."""

    def __init__(self, spec: JudgeSpec, *, session: EngineSession | None = None) -> None:
        """Loads and compiles. Raises PolicyError, ConfigurationError, MissingPartError or EngineError.

        With a `session`, which outlives the judge, its engine is opened when the first question is asked, and
        what opening raises is raised then.
        """
        from auditor.policy.groups import KnownAnswers
        from auditor.policy.judge.profiles import Profiles, RuleParameters
        from auditor.policy.library import load_library
        from auditor.policy.parameters import check_rule_ids
        from auditor.policy.schemas import SchemaCatalogue, target_version
        from auditor.policy.sets import SetRules
        from auditor.policy.workloads import pod_places

        spec = self._spec = spec.without_missing_schemas()
        library: Library = load_library(spec.policy_folders, base=spec.base)
        check_rule_ids(spec.disabled, library.ids, "policies.disabled")
        check_rule_ids(spec.severities, library.ids, "policies.severity")
        self._all = library.with_severities(spec.severities)
        self._served = self._all.only(spec.only)
        self._library = library = self._served.without(spec.disabled)
        self._version = target_version(spec.kubernetes_version)
        self._parameters = RuleParameters(spec, self._all, self._version)
        is_asked = not spec.only or "schemas" in spec.only
        has_schemas = spec.schemas and is_asked and SCHEMA not in spec.disabled
        self._schemas = (
            SchemaCatalogue(self._version, spec.crds, spec.schema_options) if has_schemas else None
        )
        self._expressions = _expression_rules(library)
        self._places = pod_places(spec.workloads)
        self.sets: SetRules = SetRules(
            library,
            self._parameters.general,
            whole=spec.whole,
            environments=self._parameters.environments,
            places=self._places,
        )
        self._profiles = Profiles(library, self._parameters, whole=spec.whole, places=self._places)
        self._known: KnownAnswers = KnownAnswers()
        self._ids: dict[str, tuple[str, ...]] = {}
        self._opening = JudgesEngine(spec, session, served=self._served, asked=library)
        if session is None:
            try:
                self._opening.open()
            except BaseException:
                self._opening.close()
                raise

    @property
    def _engine(self) -> Engine:
        return self._opening.open()

    @property
    def engine_name(self) -> str:
        """'opa' or 'embedded'."""
        return self._opening.name

    @property
    def engine_version(self) -> str:
        """The version of OPA or of rego-cpp; opens no engine."""
        return self._opening.version

    @property
    def kubernetes_version(self) -> str:
        """The version whose schemas and rules apply, such as '1.37'."""
        return self._version

    def severity(self, rule_id: str) -> Severity:
        """The severity of a rule, the operator's where he set one; PolicyError where there is no such rule."""
        return self._all.severity(rule_id)

    def rule(self, rule_id: str) -> RuleInfo:
        """What is known of a rule, with the controls that it gives evidence for."""
        return self._all.info(rule_id)

    @property
    def rule_ids(self) -> frozenset[str]:
        """The ids of every rule there is, asked or not."""
        return self._all.ids

    @property
    def disabled(self) -> tuple[str, ...]:
        """The ids of the rules that are not asked, by the operator's word."""
        return tuple(sorted(set(self._spec.disabled)))

    @property
    def has_rules(self) -> bool:
        """True where there is any rule to ask an engine about."""
        return bool(self._library.rules)

    @property
    def left_out(self) -> frozenset[str]:
        """The ids of rules that `only` keeps from being asked."""
        if not self._spec.only:
            return frozenset()
        asked = {rule.id for rule in self._served.rules} | {
            one.metadata.id for one in self._served.expressions
        }
        schemas = {SCHEMA, MISSING_SCHEMA} if self._schemas is None else set()
        mine = {rule.id for rule in self._all.rules} | {one.metadata.id for one in self._all.expressions}
        return frozenset((mine | schemas) - asked)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of the verdicts should know of the rules: said once a run."""
        remarks = self._library.remarks
        if self._has_foreign_on_embedded:
            from auditor.policy.judge.bundle import remark_on_foreign

            evaluated = self._spec.foreign_on_embedded
            remarks += (remark_on_foreign(len(self._library.foreign_rules), evaluated=evaluated),)
        return remarks

    @property
    def advisory(self) -> frozenset[str]:
        """The ids of rules whose findings are recorded and fail nothing."""
        return self._library.advisory

    @property
    def warning(self) -> frozenset[str]:
        """Those of the advisory rules whose findings are told as warnings."""
        return self._library.warning

    @property
    def bundle_digest(self) -> str:
        """SHA-256 (hex) of all that decides a verdict, or how bad it is, beside the document."""
        from auditor.policy.judge.bundle import bundle_digest

        return bundle_digest(
            self._library,
            self._parameters,
            schemas=self._schemas.digest if self._schemas else "",
            places=self._places,
            foreign_on_embedded=self._spec.foreign_on_embedded if self._has_foreign_on_embedded else None,
            disabled=self.disabled,
        )

    @property
    def _has_foreign_on_embedded(self) -> bool:
        return bool(self._library.foreign_rules) and self.engine_name == "embedded"

    def profile_of(self, environment: str) -> str:
        """The name of the parameters by which rules on single manifests judge there; '' for those for all.

        Environments of equal parameters have equal names.
        """
        return self._profiles.name_of(environment)

    @property
    def has_profiles(self) -> bool:
        """True where some environment has parameters of its own for rules on single manifests."""
        return self._profiles.are_several

    def judge(
        self, documents: Sequence[Document], environments: Sequence[str] | None = None
    ) -> list[Judgement]:
        """One judgement a document, in order. What cannot be evaluated is an ERROR verdict naming the rule.

        `environments` are the documents' environments, whose own parameters then hold; without them those for all.
        """
        if environments is None or not self.has_profiles:
            return self.judge_by(documents, [""] * len(documents))
        return self.judge_by(documents, [self.profile_of(environment) for environment in environments])

    def judge_by(self, documents: Sequence[Document], profiles: Sequence[str]) -> list[Judgement]:
        """The same, each document by the parameters that `profile_of` named."""
        import orjson

        from auditor.policy.groups import Questions

        questions = Questions.about(len(documents), self._known)
        unreadable: dict[int, str] = {}
        for number, (document, profile) in enumerate(zip(documents, profiles, strict=True)):
            try:
                resource = orjson.dumps(document.manifest)
            except TypeError as error:
                unreadable[number] = f"the manifest has no JSON form: {error}"
                continue
            for group in self._profiles.grouping(profile).of(kind_of(document.api_version, document.kind)):
                if group.contains in resource:
                    questions.ask(number, group, document.manifest, resource)
        items = [item for _, item in questions.items.values()]
        verdicts = questions.answered(self._engine.evaluate(items) if items else [])
        return [
            self._judgement(document, verdicts[number], unreadable.get(number, ""))
            for number, document in enumerate(documents)
        ]

    def judge_sets(self, questions: Sequence[SetQuestion]) -> list[SetAnswer]:
        """What the rules over several resources say of each set, in order."""
        return self.sets.ask(self._engine, questions) if questions else []

    def judge_together(
        self, environment: str, documents: Sequence[Document]
    ) -> tuple[frozenset[str], list[tuple[int, Verdict]]]:
        """The same for the documents of one environment: ids of the rules that answered, (number, verdict) each.

        A verdict that is about no document is about number -1.
        """
        from auditor.policy.sets import questions_about

        members = [
            (document.api_version, document.kind, self.sets.view_of(document)) for document in documents
        ]
        asked = questions_about(self.sets, environment, members)
        evaluated: set[str] = set()
        verdicts: list[tuple[int, Verdict]] = []
        for (_, numbers), answer in zip(asked, self.judge_sets([one for one, _ in asked]), strict=True):
            evaluated.update(answer.evaluated)
            verdicts.extend((numbers[one] if one >= 0 else -1, verdict) for one, verdict in answer.verdicts)
        return frozenset(evaluated), verdicts

    def close(self) -> None:
        """End the engine, and the OPA server where this judge started it."""
        if self._expressions is not None:
            self._expressions.close()
        self._opening.close()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _judgement(self, document: Document, verdicts: list[Verdict], unreadable: str) -> Judgement:
        ids = self._evaluated(kind_of(document.api_version, document.kind))
        if unreadable:
            verdicts = [_error(rule_id, unreadable) for rule_id in ids]
        else:
            if self._schemas is not None and SCHEMA in ids:
                verdicts.extend(self._schemas.check(document))
            if self._expressions is not None:
                verdicts.extend(self._expressions.check(document))
        silent = {v.rule_id for v in verdicts if v.outcome in (Outcome.ERROR, Outcome.SKIPPED)}
        return Judgement(
            digest=document.digest,
            evaluated=tuple(rule_id for rule_id in ids if rule_id not in silent) if silent else ids,
            verdicts=tuple(verdicts),
            view=b"" if unreadable else self.sets.view_of(document),
        )

    def _evaluated(self, kind: str) -> tuple[str, ...]:
        """The ids of all that looks at a kind; one object a kind, since most documents share it."""
        found = self._ids.get(kind)
        if found is None:
            ids = [self._library.rules[number].id for number in self._profiles.general.router.rules_for(kind)]
            ids += self._expressions.ids_for(kind) if self._expressions is not None else []
            has_schema = self._schemas is not None and not is_source_kind(kind)
            if has_schema:
                options = self._spec.schema_options
                ids += [SCHEMA, MISSING_SCHEMA] if options and options.fail_on_missing else [SCHEMA]
            found = self._ids[kind] = tuple(ids)
        return found


def _expression_rules(library: Library) -> ExpressionRules | None:
    if not library.expressions:
        return None
    from auditor.policy.foreign.asking import ExpressionRules

    return ExpressionRules(library.expressions)


def _error(rule_id: str, message: str) -> Verdict:
    return Verdict(rule_id=rule_id, outcome=Outcome.ERROR, pointer="", message=message)
