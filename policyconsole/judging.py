"""One file's content, judged on its own: loaded, type-checked, validated, each finding placed.

The engine and ``check`` judge here, so that they can't differ. Whether the id is
free is not a matter of one file: the engine (SET001) decides that afterwards.
"""

from codecs import BOM_UTF8
from dataclasses import dataclass, field, replace
from time import perf_counter

from policyconsole.diagnostics import Diagnostic, Report, in_order, own_failure
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import LoadedPolicy, PolicyLoadError, parse
from policyconsole.loading.spans import place
from policyconsole.reading import digest
from policyconsole.suppression import MARK, suppress
from policyconsole.validation.baseline import KnownFinding
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from policyconsole.validation.selectors import is_fixed


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said about one file's content.

    ``policy`` is None where the content could not be loaded, ``policy_id`` is the id
    that the content claims where it got that far, ``text`` the decoded source,
    ``diagnostics`` placed and in order. ``writable_by_others`` is what the permissions of
    the file said. ``suppressed`` counts what comments in the file left out of the
    diagnostics, ``known`` holds what the baseline did. ``load_ms`` and ``validate_ms`` are
    milliseconds, None for a stage that did not run.
    """

    policy: LoadedPolicy | None
    policy_id: str | None
    digest: str | None
    text: str | None = field(repr=False)
    diagnostics: tuple[Diagnostic, ...]
    accepted: bool
    writable_by_others: bool = False
    load_ms: float | None = None
    validate_ms: float | None = None
    suppressed: int = 0
    known: tuple[KnownFinding, ...] = ()

    @property
    def content(self) -> bytes | None:
        """The bytes of the file; None where they were no text."""
        if self.text is None:
            return None
        content = self.text.encode()
        return content if digest(content) == self.digest else BOM_UTF8 + content


def judge(
    content: bytes,
    form: Format,
    rules: Ruleset,
    path: str,
    *,
    writable_by_others: bool = False,
    identity: str | None = None,
) -> Judgement:
    """Load and validate the ``content`` of the file at ``path``; what is wrong is in the diagnostics.

    ``writable_by_others`` is what the permissions of the file say, ``identity`` the digest
    where the caller has it already.

    Never raises: where policy-console itself fails, that is a diagnostic too.
    """
    begin = perf_counter()
    try:
        policy = parse(content, form, identity)
    except PolicyLoadError as problem:
        return _not_loaded(problem, form, rules, path, begin)
    except Exception as problem:  # noqa: BLE001 - one file must not end the engine
        return replace(unreadable(own_failure(problem)), digest=identity or digest(content))
    load_ms = (perf_counter() - begin) * 1000
    return judge_loaded(policy, rules, path, writable_by_others=writable_by_others, load_ms=load_ms)


def judge_loaded(
    policy: LoadedPolicy,
    rules: Ruleset,
    path: str,
    *,
    writable_by_others: bool = False,
    load_ms: float | None = None,
) -> Judgement:
    """Validate the policy of the file at ``path`` that is loaded already: the rules have changed."""
    begin = perf_counter()
    sifted = _NOTHING
    try:
        report = rules.validate(policy.config, writable_by_others=writable_by_others)
        if report.diagnostics or policy.diagnostics or MARK in policy.text:
            sifted = _sifted(policy, report, rules, path, writable_by_others=writable_by_others)
        accepted = not sifted.diagnostics or not rules.blocks(sifted.diagnostics)
    except Exception as problem:  # noqa: BLE001 - one file must not end the engine
        sifted, accepted = _Sifted((own_failure(problem),)), False
    return Judgement(
        policy=policy,
        policy_id=policy.config.id,
        digest=policy.digest,
        text=policy.text,
        diagnostics=sifted.diagnostics,
        accepted=accepted,
        writable_by_others=writable_by_others,
        load_ms=load_ms,
        validate_ms=(perf_counter() - begin) * 1000,
        suppressed=sifted.suppressed,
        known=sifted.known,
    )


@dataclass(frozen=True, slots=True)
class _Sifted:
    """The findings that count, how many comments suppress, and which the baseline knows."""

    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: int = 0
    known: tuple[KnownFinding, ...] = ()


_NOTHING = _Sifted()


def _sifted(
    policy: LoadedPolicy, report: Report, rules: Ruleset, path: str, *, writable_by_others: bool
) -> _Sifted:
    """Place what was found, and leave out what is ignored, suppressed or known."""
    here = rules.of_file(path)
    if here is not rules:
        report = here.validate(policy.config, writable_by_others=writable_by_others)
    found = (*here.reported(policy.diagnostics), *report.diagnostics)
    placed = place(found, policy.text, policy.format)
    suppressed = 0
    if MARK in policy.text:
        rest = suppress(
            placed,
            policy.text,
            policy.format,
            rules=here.rules,
            runs=lambda code: here.runs(code, policy.config),
        )
        placed = in_order((*rest.left, *here.reported(rest.notices)))
        suppressed = rest.count
    return _without_known(placed, suppressed, policy.text, here, path)


def _not_loaded(
    problem: PolicyLoadError, form: Format, rules: Ruleset, path: str, begin: float
) -> Judgement:
    """Say why there is no policy; the warnings beside it are sifted like those of one."""
    sifted = _Sifted(problem.diagnostics)
    try:
        here = rules.of_file(path)
        if problem.text is not None and not all(is_fixed(item.code) for item in sifted.diagnostics):
            rest = suppress(
                here.reported(sifted.diagnostics),
                problem.text,
                form,
                rules=here.rules,
                runs=lambda _: False,
            )
            sifted = _without_known(rest.left, rest.count, problem.text, here, path)
    except Exception as failure:  # noqa: BLE001 - one file must not end the engine
        sifted = _Sifted((*sifted.diagnostics, own_failure(failure)))
    return Judgement(
        policy=None,
        policy_id=problem.policy_id,
        digest=problem.digest,
        text=problem.text,
        diagnostics=sifted.diagnostics,
        accepted=False,
        load_ms=(perf_counter() - begin) * 1000,
        suppressed=sifted.suppressed,
        known=sifted.known,
    )


def _without_known(
    placed: tuple[Diagnostic, ...], suppressed: int, text: str, rules: Ruleset, path: str
) -> _Sifted:
    """Leave out what the baseline holds."""
    if rules.baseline is None:
        return _Sifted(placed, suppressed)
    known = rules.baseline.known(path, text, placed)
    pairs = list(zip(placed, known, strict=True))
    return _Sifted(
        tuple(item for item, entry in pairs if entry is None),
        suppressed,
        tuple(entry for _, entry in pairs if entry is not None),
    )


def warm_up(rules: Ruleset) -> None:
    """Judge a policy without an id in each format, so that the first real one is not slower.

    The parsers and what finds the places are loaded when they are first used: some 15 ms
    in all, which would look like a slow validation.
    """
    strictest = replace(rules, level=ValidationLevel.CUSTOM)
    for form, content in _WITHOUT_ID.items():
        judge(content, form, strictest, "")
        judge(content, form, rules, "")


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
