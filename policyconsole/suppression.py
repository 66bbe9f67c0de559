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
from itertools import groupby

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

MOST = 200
"""How many such comments of a file count; whoever needs more has another rule in mind."""

_LONGEST = 2_000
"""Characters of a comment that is read; nobody gives so long a reason."""

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
    """One code of one comment: ``lines`` are the stretches that it counts for, None for the file."""

    code: str
    place: Place
    lines: tuple[tuple[int, int], ...] | None

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding of the code is one that is meant."""
        if self.lines is None:
            return True
        line = diagnostic.place.line if diagnostic.place else 0
        return any(first <= line <= last for first, last in self.lines)


class _LongValues:
    """The values of a text over several lines, by the line on which one begins or ends."""

    def __init__(self, text: str, form: Format) -> None:
        self.from_first: dict[int, int] = {}
        self.from_last: dict[int, int] = {}
        for first, last, closed in long_values(text, form):
            self.from_first[first] = max(last, self.from_first.get(first, 0))
            if closed:
                self.from_last[last] = min(first, self.from_last.get(last, first))

    def lines_of(self, comment: Comment) -> tuple[tuple[int, int], ...]:
        """Give the stretches of lines that a comment counts for, those of a long value as one."""
        own, line = comment.place.line, comment.counts_for
        if line is None:
            return ((own, own),)
        last = self.from_first.get(line, line)
        first = line if comment.alone else self.from_last.get(line, line)
        return (own, own), (first, last)


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
    found = comments(text, form, MARK)
    if not found:
        return Suppressed(tuple(diagnostics))
    long = _LongValues(text, form)
    suppressions: list[_Suppression] = []
    notices: list[Diagnostic] = []
    for comment in found[:MOST]:
        for part in _read(comment, rules, long):
            if isinstance(part, Diagnostic):
                notices.append(part)
            else:
                suppressions.append(part)
    by_code: dict[str, list[_Suppression]] = {}
    for one in suppressions:
        by_code.setdefault(one.code, []).append(one)
    used: set[_Suppression] = set()
    left: list[Diagnostic] = []
    for diagnostic in diagnostics:
        covering = [one for one in by_code.get(diagnostic.code, ()) if one.covers(diagnostic)]
        used.update(covering)
        if not covering:
            left.append(diagnostic)
    unused = (one for one in suppressions if one not in used and runs(one.code))
    notices += [_unused(list(codes)) for _, codes in groupby(unused, lambda one: one.place)]
    if len(found) > MOST:
        message = f"a file may have {MOST} suppressions; from here on none counts"
        advice = "leave the rules out for the file in the configuration: per-file-ignores"
        notices.append(_notice(SUPPRESSION_MALFORMED, found[MOST].place, message, advice))
    return Suppressed(tuple(left), len(diagnostics) - len(left), tuple(notices))


def _read(
    comment: Comment, rules: Mapping[str, Rule], long: _LongValues
) -> Iterator[_Suppression | Diagnostic]:
    """Give what a comment suppresses, code by code, and what is wrong with it."""
    said = comment.text.removeprefix(MARK).strip()
    match = _FORM.fullmatch(said) if len(said) <= _LONGEST else None
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
    lines = None if match["verb"] == "ignore-file" else long.lines_of(comment)
    unknown = [code for code in dict.fromkeys(codes) if code not in rules]
    if unknown:
        yield _unknown(comment, unknown, rules)
    for code in dict.fromkeys(codes):
        if code in rules:
            never = _never(code)
            if never is None:
                yield _Suppression(code, comment.place, lines)
            else:
                yield _notice(SUPPRESSION_UNKNOWN, comment.place, *never)


def _unknown(comment: Comment, codes: Sequence[str], rules: Mapping[str, Rule]) -> Diagnostic:
    """Say that there are no such rules, with what the first was probably meant to be."""
    by_name = {known.lower(): known for known in rules}
    near = nearest(codes[0], by_name)
    advice = f"did you mean {by_name[near]}?" if near else "name rules by their whole codes"
    more = f" (nor {len(codes) - 1} more)" if len(codes) > 1 else ""
    message = f"there is no rule {quoted(codes[0])}{more} that could be suppressed"
    return _notice(SUPPRESSION_UNKNOWN, comment.place, message, advice)


def _never(code: str) -> tuple[str, str] | None:
    """Say why a comment cannot suppress a code, and what to do; None where it can."""
    if is_fixed(code):
        message = f"{code} cannot be suppressed: there is nothing that could be put in force"
        return message, "mend what it reports"
    if code in _NEVER:
        advice = "mend the other comment, or ignore the code in the configuration"
        return f"{code} cannot be suppressed by a comment", advice
    return None


def _unused(suppressions: Sequence[_Suppression]) -> Diagnostic:
    """Say which codes of one comment suppress nothing."""
    codes = ", ".join(one.code for one in suppressions[:3])
    codes += f" and {len(suppressions) - 3} more" if len(suppressions) > 3 else ""
    where = "in this file" if suppressions[0].lines is None else "here"
    return _notice(
        SUPPRESSION_UNUSED,
        suppressions[0].place,
        f"there is nothing of {codes} {where} that could be suppressed",
        "take it out of the comment, or the comment to the line of the finding",
    )


def _notice(entry: Rule, place: Place, message: str, advice: str) -> Diagnostic:
    return replace(entry.diagnostic(Finding(message, advice)), place=place)
