"""Suppression: comments in a policy file that say which findings are known, and why.

    min_version = "TLSv1.1"  # policy-console: ignore[SEC003] until the gateway is replaced
    # policy-console: ignore-file[REC001] the iterations are fixed by the appliance

The first counts for its line or, where it stands alone, for the next line that holds
something; a list or text over several lines counts as one line. The second stands
alone, before everything else. Without a reason neither counts.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policyconsole.diagnostics import Diagnostic, Place
from policyconsole.loading.comments import Comment, comments
from policyconsole.loading.formats import Format
from policyconsole.loading.spans import long_values
from policyconsole.validation.rule import Finding, Rule
from policyconsole.validation.rules.reported import (
    SUPPRESSION_MALFORMED,
    SUPPRESSION_UNKNOWN,
    SUPPRESSION_UNUSED,
)
from policyconsole.validation.selectors import is_fixed
from policyconsole.wording import nearest, quoted

MARK = "policy-console:"
"""What such a comment begins with; a text without it has none."""

_FORM = re.compile(
    r"(?P<verb>ignore|ignore-file)\s*\[(?P<codes>[^\[\]]*)\](?P<reason>.*)", re.DOTALL
)
_HELP = "write it as # policy-console: ignore[SEC004] and the reason"
_NEVER = frozenset(
    rule.code for rule in (SUPPRESSION_UNUSED, SUPPRESSION_MALFORMED, SUPPRESSION_UNKNOWN)
)


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What is left of a file's findings, how many are suppressed, what is wrong with the comments."""

    left: tuple[Diagnostic, ...]
    count: int = 0
    notices: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Suppression:
    """One code of one comment: ``lines`` are those that it counts for, None for the whole file."""

    code: str
    place: Place
    lines: frozenset[int] | None

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding is one that is meant."""
        if diagnostic.code != self.code:
            return False
        place = diagnostic.place
        return self.lines is None or (place is not None and place.line in self.lines)


def suppress(
    diagnostics: Sequence[Diagnostic],
    text: str,
    form: Format,
    *,
    rules: Mapping[str, Rule],
    runs: Callable[[str], bool],
) -> Suppressed:
    """Leave out what the comments of ``text`` suppress; ``diagnostics`` are placed in it.

    ``rules`` are those that there are, ``runs`` says whether one could have reported
    something now: only then is a suppression that matches nothing told of.
    """
    found = tuple(comments(text, form, MARK))
    if not found:
        return Suppressed(tuple(diagnostics))
    long = long_values(text, form)
    suppressions: list[_Suppression] = []
    notices: list[Diagnostic] = []
    for comment in found:
        for part in _read(comment, rules, long):
            if isinstance(part, Diagnostic):
                notices.append(part)
            else:
                suppressions.append(part)
    used: set[_Suppression] = set()
    left: list[Diagnostic] = []
    for diagnostic in diagnostics:
        covering = [one for one in suppressions if one.covers(diagnostic)]
        used.update(covering)
        if not covering:
            left.append(diagnostic)
    notices += [_unused(one) for one in suppressions if one not in used and runs(one.code)]
    return Suppressed(tuple(left), len(diagnostics) - len(left), tuple(notices))


def _read(
    comment: Comment, rules: Mapping[str, Rule], long: Sequence[tuple[int, int, bool]]
) -> Iterator[_Suppression | Diagnostic]:
    """Give what a comment suppresses, code by code, and what is wrong with it."""
    match = _FORM.fullmatch(comment.text.removeprefix(MARK).strip())
    codes = [code.strip() for code in match["codes"].split(",")] if match else []
    wrong: str | None = None
    advice = _HELP
    if match is None or not all(codes):
        wrong = "this is no suppression, though it begins like one"
    elif not any(character.isalnum() for character in match["reason"]):
        wrong = "a suppression without a reason does not count"
        advice = "say after the bracket why this is right here"
    elif match["verb"] == "ignore-file" and not comment.on_top:
        wrong = "ignore-file counts only on a line of its own before everything else"
        advice = "move it to the top of the file, or write ignore for one line"
    if match is None or wrong is not None:
        yield _notice(SUPPRESSION_MALFORMED, comment.place, wrong or "", advice)
        return
    lines = None if match["verb"] == "ignore-file" else _lines_of(comment, long)
    for code in dict.fromkeys(codes):
        if code not in rules:
            by_name = {known.lower(): known for known in rules}
            near = nearest(code, by_name)
            advice = f"did you mean {by_name[near]}?" if near else "name rules by whole codes"
            message = f"there is no rule {quoted(code)} that could be suppressed"
            yield _notice(SUPPRESSION_UNKNOWN, comment.place, message, advice)
        elif is_fixed(code):
            message = f"{code} cannot be suppressed: there is nothing that could be put in force"
            yield _notice(SUPPRESSION_UNKNOWN, comment.place, message, "mend what it reports")
        elif code in _NEVER:
            message = f"{code} cannot be suppressed by a comment"
            advice = "mend the other comment, or ignore the code in the configuration"
            yield _notice(SUPPRESSION_UNKNOWN, comment.place, message, advice)
        else:
            yield _Suppression(code, comment.place, lines)


def _lines_of(comment: Comment, long: Sequence[tuple[int, int, bool]]) -> frozenset[int]:
    """Give the lines that a comment counts for, those of a long value as one."""
    line = comment.counts_for
    lines = {comment.place.line} if line is None else {comment.place.line, line}
    for first, last, closed in long:
        if line == first or (line == last and closed and not comment.alone):
            lines.update(range(first, last + 1))
    return frozenset(lines)


def _unused(suppression: _Suppression) -> Diagnostic:
    where = "in this file" if suppression.lines is None else "here"
    return _notice(
        SUPPRESSION_UNUSED,
        suppression.place,
        f"{suppression.code} reports nothing {where} that could be suppressed",
        "take the code out of the comment, or the comment to the line of the finding",
    )


def _notice(entry: Rule, place: Place, message: str, advice: str) -> Diagnostic:
    return replace(entry.diagnostic(Finding(message, advice)), place=place)
