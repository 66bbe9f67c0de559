"""A rule in a cell: what it demands, why, and an example that is reported beside one that passes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import indent

from policyconsole.configuration.load import load_configuration
from policyconsole.escaping import printable
from policyconsole.exploring.unknown import UnknownNameError
from policyconsole.markup import preformatted
from policyconsole.validation.rule import Rule


@dataclass(frozen=True, slots=True, repr=False)
class ExplainedRule:
    """A rule that explains itself, in the words of ``policy-console rule CODE``."""

    rule: Rule

    @property
    def title(self) -> str:
        """Say its code, its kind and its weight: ``SEC003: error (high)``."""
        weight = f" ({self.rule.weight})" if self.rule.weight else ""
        return printable(f"{self.rule.code}: {self.rule.kind}{weight}")

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        told = "".join(f"<p>{escape(printable(text))}</p>" for text in self._texts())
        examples = "".join(
            f"<div>{label}</div>{preformatted(escape(_safe_lines(example)))}"
            for label, example in self._examples()
        )
        rest = "".join(
            f"<div><strong>{label}</strong> {escape(printable(text))}</div>"
            for label, text in self._rest()
        )
        return f"<div><p><strong>{escape(self.title)}</strong></p>{told}{examples}{rest}</div>"

    def _texts(self) -> list[str]:
        parts = self.rule.explanation
        return [text for text in (parts.what, parts.why) if text]

    def _examples(self) -> list[tuple[str, str]]:
        parts = self.rule.explanation
        pairs = ("Reported:", parts.example), ("Passes:", parts.passes)
        return [pair for pair in pairs if pair[1]]

    def _rest(self) -> list[tuple[str, str]]:
        parts = self.rule.explanation
        levels = ", ".join(self.rule.levels)
        pairs = (
            ("Fix:", parts.fix),
            ("Source:", parts.source),
            ("Field:", self.rule.field or ""),
            ("Levels:", levels),
        )
        return [pair for pair in pairs if pair[1]]

    def _lines(self) -> Iterator[str]:
        yield self.title
        yield from map(printable, self._texts())
        for label, example in self._examples():
            yield label
            yield indent(_safe_lines(example), "    ")
        for label, text in self._rest():
            yield f"{label:<8} {printable(text)}"


def explain(code: str, folder: str | os.PathLike[str] = os.curdir) -> ExplainedRule:
    """Explain a rule by its code, in whatever case; plug-ins and the rules of a folder are known too.

    Raises KeyError, with the code that is probably meant, for one that there is not, and
    ConfigurationError for a configuration that cannot be used.
    """
    rules = load_configuration(folder).ruleset().rules
    for rule in rules.values():
        if rule.code.upper() == code.upper():
            return ExplainedRule(rule)
    raise UnknownNameError("rule", code.upper(), rules)


def _safe_lines(text: str) -> str:
    return "\n".join(map(printable, text.splitlines()))
