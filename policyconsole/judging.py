"""One file's content, judged on its own: loaded, type-checked, validated, each finding placed.

The engine and ``check`` judge here, so that they can't differ. Whether the id is
free is not a matter of one file: the engine (SET001) decides that afterwards.
"""

from dataclasses import dataclass, replace
from time import perf_counter

from policyconsole.diagnostics import Diagnostic, own_failure
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import LoadedPolicy, PolicyLoadError, parse
from policyconsole.loading.spans import place
from policyconsole.reading import digest
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said about one file's content.

    ``policy`` is None where the content could not be loaded, ``policy_id`` is the id
    that the content claims where it got that far, ``text`` the decoded source,
    ``diagnostics`` placed and in order. ``writable_by_others`` is what the permissions of
    the file said. ``load_ms`` and ``validate_ms`` are
    milliseconds, None for a stage that did not run.
    """

    policy: LoadedPolicy | None
    policy_id: str | None
    digest: str | None
    text: str | None
    diagnostics: tuple[Diagnostic, ...]
    accepted: bool
    writable_by_others: bool = False
    load_ms: float | None = None
    validate_ms: float | None = None


def judge(
    content: bytes, form: Format, rules: Ruleset, *, writable_by_others: bool = False
) -> Judgement:
    """Load and validate ``content``; whatever is wrong with it is in the diagnostics.

    ``writable_by_others`` is what the permissions of the file say.

    Never raises: where policy-console itself fails, that is a diagnostic too.
    """
    begin = perf_counter()
    try:
        policy = parse(content, form)
    except PolicyLoadError as problem:
        return Judgement(
            policy=None,
            policy_id=problem.policy_id,
            digest=problem.digest,
            text=problem.text,
            diagnostics=problem.diagnostics,
            accepted=False,
            load_ms=(perf_counter() - begin) * 1000,
        )
    except Exception as problem:  # noqa: BLE001 - one file must not end the engine
        return replace(unreadable(own_failure(problem)), digest=digest(content))
    load_ms = (perf_counter() - begin) * 1000
    return judge_loaded(policy, rules, writable_by_others=writable_by_others, load_ms=load_ms)


def judge_loaded(
    policy: LoadedPolicy,
    rules: Ruleset,
    *,
    writable_by_others: bool = False,
    load_ms: float | None = None,
) -> Judgement:
    """Validate a policy that is loaded already: the rules have changed."""
    begin = perf_counter()
    diagnostics = policy.diagnostics
    try:
        report = rules.validate(policy.config, writable_by_others=writable_by_others)
        accepted = report.is_valid
        if report.diagnostics:
            diagnostics = place((*diagnostics, *report.diagnostics), policy.text, policy.format)
    except Exception as problem:  # noqa: BLE001 - one file must not end the engine
        diagnostics, accepted = (own_failure(problem),), False
    return Judgement(
        policy=policy,
        policy_id=policy.config.id,
        digest=policy.digest,
        text=policy.text,
        diagnostics=diagnostics,
        accepted=accepted,
        writable_by_others=writable_by_others,
        load_ms=load_ms,
        validate_ms=(perf_counter() - begin) * 1000,
    )


def warm_up(rules: Ruleset) -> None:
    """Judge a policy without an id in each format, so that the first real one is not slower.

    The parsers and what finds the places are loaded when they are first used: some 15 ms
    in all, which would look like a slow validation.
    """
    strictest = replace(rules, level=ValidationLevel.CUSTOM)
    for form, content in _WITHOUT_ID.items():
        judge(content, form, strictest)
        judge(content, form, rules)


_WITHOUT_ID = {
    Format.TOML: b'id = ""\nname = "n"\nversion = "1.0.0"\n',
    Format.YAML: b'id: ""\nname: n\nversion: 1.0.0\n',
    Format.JSON: b'{"id": "", "name": "n", "version": "1.0.0"}',
}


def unreadable(diagnostic: Diagnostic) -> Judgement:
    """Give the judgement of a file that is there but cannot be read."""
    return Judgement(
        policy=None,
        policy_id=None,
        digest=None,
        text=None,
        diagnostics=(diagnostic,),
        accepted=False,
    )
