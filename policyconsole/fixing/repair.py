"""Fixing one file's content: what helps is kept, what does not help is not written.

After each try the new content is judged like any other. A fix counts only if the
finding is gone and no other has come.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from policyconsole.diagnostics import Diagnostic, Place
from policyconsole.fields import FieldPath, format_field, parse_field
from policyconsole.fixing.edits import CannotEditError
from policyconsole.fixing.fix import Fix, Subject, edits_of
from policyconsole.fixing.rewriting import rewritten
from policyconsole.fixing.table import ENTRIES
from policyconsole.judging import Judgement
from policyconsole.loading.formats import DecodeError, Format, decode

PASSES = 10
"""How often everything is tried again because something was mended; eslint's number."""

TRIES = 1000
"""How often the content of one file is judged at most: a hostile one takes 0.1 s each time."""

Judge: TypeAlias = Callable[[bytes], Judgement]
"""How content is judged: by the ruleset, the environment and the folder that the file is in."""

Finding: TypeAlias = tuple[str, str | None]
"""A code and a field, its list positions left out: they move when an item is removed."""


class Proposal(NamedTuple):
    """A finding and the fix that may mend it."""

    diagnostic: Diagnostic
    fix: Fix


class HeldBack(NamedTuple):
    """A finding that has a fix which was not made, and why not."""

    diagnostic: Diagnostic
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a content: ``content`` and ``judgement`` afterwards, ``fixed`` what is gone.

    ``content`` is the old one where nothing could be mended. ``held_back`` are the fixes
    that were tried at last and did not help.
    """

    content: bytes
    judgement: Judgement
    fixed: tuple[Diagnostic, ...] = ()
    held_back: tuple[HeldBack, ...] = ()


def repair(
    content: bytes,
    form: Format,
    judgement: Judgement,
    judge: Judge,
    *,
    unsafe: bool = False,
    tries: int = TRIES,
) -> Repair:
    """Mend what can be mended in a content that was judged, until nothing more can.

    ``unsafe`` allows the fixes that change what the policy means, ``tries`` is how often
    something may be written and judged. Content that cannot be decoded stays as it is.
    """
    state, trying = Repair(content, judgement), _Trying(form, judge, tries)
    for _ in range(PASSES):
        before = state.content
        state = trying.improve(state, unsafe=unsafe)
        if state.content == before:
            break
    return replace(state, fixed=gone(judgement, state.judgement))


def gone(before: Judgement, after: Judgement) -> tuple[Diagnostic, ...]:
    """Give the findings of one judgement that another one of the same file has no more."""
    left = findings(after.diagnostics)
    fixed = []
    for diagnostic in before.diagnostics:
        if left[finding(diagnostic)] > 0:
            left[finding(diagnostic)] -= 1
        else:
            fixed.append(diagnostic)
    return tuple(fixed)


def proposals(judgement: Judgement, form: Format, *, unsafe: bool = False) -> list[Proposal]:
    """Give the fixes that the table has for a judgement's findings, in their order."""
    if judgement.text is None or not any(
        diagnostic.code in ENTRIES for diagnostic in judgement.diagnostics
    ):
        return []
    try:
        data = decode(judgement.text, form)
    except DecodeError:
        return []
    lines = judgement.text.split("\n")
    found = []
    for diagnostic in judgement.diagnostics:
        entry, path = ENTRIES.get(diagnostic.code), _path(diagnostic)
        if entry is None or not path:
            continue
        fix = entry.fixer(Subject(diagnostic, path, data, _token(lines, diagnostic.place)))
        if fix is not None and (fix.safe or unsafe):
            found.append(Proposal(diagnostic, fix))
    return found


def finding(diagnostic: Diagnostic) -> Finding:
    """Give what tells a finding from the others of a file."""
    field = diagnostic.field
    return diagnostic.code, None if field is None else _without_positions(field)


def findings(diagnostics: Sequence[Diagnostic]) -> Counter[Finding]:
    """Count findings that are alike."""
    return Counter(map(finding, diagnostics))


class _NoHelpError(Exception):
    """Fixes were tried and are not kept; the message says why."""


class _Trying:
    """Tries fixes on one file's content, as long as there are tries left."""

    def __init__(self, form: Format, judge: Judge, tries: int) -> None:
        self._form = form
        self._judge = judge
        self._left = tries

    def improve(self, state: Repair, *, unsafe: bool) -> Repair:
        """Try all fixes at once, else one by one, and keep those that help."""
        state = replace(state, held_back=())
        offered = proposals(state.judgement, self._form, unsafe=unsafe)
        if not offered:
            return state
        try:
            return self._attempt(state, offered)
        except _NoHelpError as problem:
            if len(offered) == 1:
                return replace(state, held_back=(HeldBack(offered[0].diagnostic, str(problem)),))
        tried: set[tuple[str, str | None]] = set()
        held_back: list[HeldBack] = []
        while True:
            waiting = (item for item in offered if _identity(item.diagnostic) not in tried)
            following = next(waiting, None)
            if following is None:
                return replace(state, held_back=tuple(held_back))
            tried.add(_identity(following.diagnostic))
            try:
                state = self._attempt(state, [following])
            except _NoHelpError as problem:
                held_back.append(HeldBack(following.diagnostic, str(problem)))
            else:
                offered = proposals(state.judgement, self._form, unsafe=unsafe)

    def _attempt(self, state: Repair, tried: Sequence[Proposal]) -> Repair:
        """Make the edits of some fixes; raises unless all findings go and none comes."""
        if not self._left:
            raise _NoHelpError("so much is wrong here that not everything was tried")
        self._left -= 1
        fixes = [proposal.fix for proposal in tried]
        try:
            content = rewritten(state.content, self._form, edits_of(fixes))
        except CannotEditError as problem:
            raise _NoHelpError(str(problem)) from None
        after = self._judge(content)
        _require_better(state.judgement, after, tried)
        return Repair(content, after)


def _require_better(before: Judgement, after: Judgement, tried: Sequence[Proposal]) -> None:
    """Raise unless the findings that were meant are gone, and no other has come."""
    old, now = findings(before.diagnostics), findings(after.diagnostics)
    targets = findings([proposal.diagnostic for proposal in tried])
    if any(now[target] > old[target] - number for target, number in targets.items()):
        raise _NoHelpError("the finding would stay")
    new = now - old
    for proposal in tried:
        for code in ENTRIES[proposal.diagnostic.code].leaves:
            new.pop((code, finding(proposal.diagnostic)[1]), None)
    if before.policy is None and after.policy is not None:
        # No rule has looked at this policy before: only what the edits wrote is their doing.
        touched = {field for proposal in tried for field in proposal.fix.touched}
        new = Counter({item: number for item, number in new.items() if item[1] in touched})
    if new:
        raise _NoHelpError(f"it would bring {', '.join(sorted({code for code, _ in new}))}")


def _identity(diagnostic: Diagnostic) -> tuple[str, str | None]:
    return diagnostic.code, diagnostic.field


def _path(diagnostic: Diagnostic) -> FieldPath | None:
    return _steps(diagnostic.field or "")


@lru_cache(maxsize=1024)
def _steps(field: str) -> FieldPath | None:
    try:
        return parse_field(field)
    except ValueError:  # from a rule of the user's own
        return None


@lru_cache(maxsize=1024)
def _without_positions(field: str) -> str:
    path = _steps(field)
    if path is None:
        return field
    return format_field(tuple(step for step in path if isinstance(step, str)))


def _token(lines: Sequence[str], place: Place | None) -> str:
    """Give the source text at a place that is on one line."""
    if place is None or place.line != place.end_line or place.line > len(lines):
        return ""
    return lines[place.line - 1][place.column - 1 : place.end_column - 1]
