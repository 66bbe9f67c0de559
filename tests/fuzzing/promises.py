"""What loading promises of any content, checked from the bytes to what is shown and saved."""

import json
from collections import Counter
from itertools import product

from policyconsole.application.changes import changed_fields
from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.diagnostics import Diagnostic
from policyconsole.events import EventType, PolicyEvent
from policyconsole.fixing.repair import findings, repair
from policyconsole.judging import Judgement, judge, judge_loaded
from policyconsole.loading.comments import comments
from policyconsole.loading.converting import ConversionError, convert
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import LoadedPolicy, PolicyLoadError, parse
from policyconsole.loading.saving import PolicySaveError, to_source
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from tests.loading.sources import TOML
from tests.loading.test_round_trip import expected

LONGEST_MESSAGE = 600
"""Characters of a message: nobody reads more, and a content must not decide about it."""

TAKING_OUT = frozenset({"LOGIC013", "SEC009", "SEC010"})
"""Codes whose fix takes items out of a list."""

MOST_COMMENTS = 100
"""Comments are compared up to this number: each takes time to place."""

_BEFORE = parse(TOML.encode(), Format.TOML).config
_RULES = [
    Ruleset(level, environment)
    for environment, level in product((None, "production"), ValidationLevel)
]


def check(content: bytes, form: Format) -> str:
    """Hold every promise against a content; AssertionError for one that is broken. Gives the verdict."""
    _check_mending(content, form)
    policy = _parsed(content, form)
    if isinstance(policy, PolicyLoadError):
        assert any(item.blocks for item in policy.diagnostics)
        _check_diagnostics(policy.diagnostics, content, policy.text)
        return policy.diagnostics[-1].code
    assert not any(item.blocks for item in policy.diagnostics)
    for rules in _RULES:
        judgement = judge_loaded(policy, rules, "")
        _check_diagnostics(judgement.diagnostics, content, policy.text)
    changes = changed_fields(_BEFORE, policy.config)
    json.loads(PolicyEvent(EventType.APPLIED, changes=changes).to_json())
    for target in Format:
        _check_saving(policy, target)
    return "loaded"


def _parsed(content: bytes, form: Format) -> LoadedPolicy | PolicyLoadError:
    try:
        return parse(content, form)
    except PolicyLoadError as problem:
        return problem


def _check_diagnostics(
    diagnostics: tuple[Diagnostic, ...], content: bytes, text: str | None
) -> None:
    lines = content.decode(errors="replace").removeprefix("\ufeff").split("\n")
    for item in diagnostics:
        assert item.message
        assert len(item.message) <= LONGEST_MESSAGE, item.message
        place = item.place
        if place is None:
            assert item.field is None, item
            assert item.code == "FILE004" or " more " in item.message, item
            continue
        assert (place.line, place.column) <= (place.end_line, place.end_column), item
        for line, column in ((place.line, place.column), (place.end_line, place.end_column)):
            assert 1 <= line <= len(lines), item
            assert 1 <= column <= len(lines[line - 1]) + 1, item
    for item in diagnostics[:3]:
        for shown in diagnostic_lines("a file", item, text, Paint(coloured=False)):
            assert shown.isprintable(), shown
    told = json.loads(PolicyEvent(EventType.REJECTED, diagnostics=diagnostics).to_json())
    assert len(told["diagnostics"]) == len(diagnostics)


def _check_mending(content: bytes, form: Format) -> None:
    """What is mended has lost findings and won none, and kept its comments."""
    strictest = _RULES[-1]

    def judging(content: bytes) -> Judgement:
        return judge(content, form, strictest, "")

    before = judging(content)
    result = repair(content, form, before, judging, unsafe=True, tries=8)
    if result.content == content:
        assert not result.fixed
        return
    assert before.text is not None
    assert result.judgement.text is not None
    assert result.fixed
    if before.text.count("#") < MOST_COMMENTS:
        had, has = (
            [comment.text for comment in comments(text, form, "")]
            for text in (before.text, result.judgement.text)
        )
        # An item that is taken out of a list takes the comment behind it along.
        assert has == had or TAKING_OUT & {item.code for item in result.fixed}
        assert not Counter(has) - Counter(had)
    if before.policy is not None:
        won = findings(result.judgement.diagnostics) - findings(before.diagnostics)
        assert not won, won


def _check_saving(policy: LoadedPolicy, target: Format) -> None:
    try:
        converted = convert(policy, target)
    except ConversionError as problem:
        assert "null" in str(problem), problem  # noqa: PT017 - either way is right
    else:
        assert parse(converted.text.encode(), target).config == expected(policy.config, target)
    saved = _saved(policy, target)
    if isinstance(saved, PolicySaveError):
        assert target is Format.TOML, saved
        assert "null" in str(saved), saved
    else:
        assert parse(saved.encode(), target).config == expected(policy.config, target)


def _saved(policy: LoadedPolicy, target: Format) -> str | PolicySaveError:
    try:
        return to_source(policy.config, target)
    except PolicySaveError as problem:
        return problem
