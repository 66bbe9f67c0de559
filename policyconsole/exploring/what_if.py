"""What if: the report of a change that nobody has made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from policyconsole.dashboard import Side
from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.exploring.difference import PolicyDifference
from policyconsole.exploring.findings import Findings
from policyconsole.exploring.policies import Policy, ruleset
from policyconsole.fields import parse_field
from policyconsole.judging import judge
from policyconsole.loading.formats import Format
from policyconsole.validation.levels import ValidationLevel

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf:
    """A policy with other values: what they change, what would be found, and whether it would be accepted."""

    difference: PolicyDifference
    before: Findings
    after: Findings

    @property
    def accepted(self) -> bool:
        """Whether the change would come into force."""
        return self.after.accepted

    @property
    def new(self) -> tuple[Diagnostic, ...]:
        """What would be found that is not found now."""
        return _without(self.after, self.before)

    @property
    def gone(self) -> tuple[Diagnostic, ...]:
        """What would not be found any more."""
        return _without(self.before, self.after)

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def verdict(self) -> str:
        """Say what would come of it."""
        would = "would come into force" if self.accepted else "would be refused"
        counts = (len(self.new), "new"), (len(self.gone), "gone"), (self._staying, "as before")
        found = ", ".join(f"{count} {word}" for count, word in counts if count)
        findings = f"; findings: {found}" if found else ""
        return printable(f"{self.after.name}: {would} at {self.after.level}{findings}")

    @property
    def _staying(self) -> int:
        return len(self.after) - len(self.new)

    def to_frame(self) -> "pd.DataFrame":
        """Give the fields that differ as a pandas frame."""
        return self.difference.to_frame()

    def __repr__(self) -> str:
        lines = [self.verdict, repr(self.difference)]
        for title, found in self._parts():
            lines += [f"{title}:", *found.lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        found = "".join(f"<p>{title}:</p>{found.html_list()}" for title, found in self._parts())
        head = f"<p><strong>{escape(self.verdict)}</strong></p>"
        return f"<div>{head}{self.difference.table().html()}{found}</div>"

    def _parts(self) -> list[tuple[str, Findings]]:
        """Give what is new and what is gone, each only where there is something."""
        new = "New", replace(self.after, diagnostics=self.new)
        gone = "Gone", replace(self.before, diagnostics=self.gone)
        return [part for part in (new, gone) if part[1].diagnostics]


def what_if(
    policy: Policy,
    changes: Mapping[str, object],
    level: ValidationLevel | str | None = None,
    environment: str | None = None,
) -> WhatIf:
    """Give the report of a policy with other values, by field: ``{"security.tls.min_version": "TLSv1.2"}``.

    Neither the file nor what is in force is touched. A field need not be in the file; None
    takes it out. Raises ValueError for a name that is no field path, and for a level that
    there is not.
    """
    data = policy.config.model_dump(mode="json", exclude_unset=True)
    for field, value in changes.items():
        _put(data, field, value)
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    rules = ruleset(policy.folder, policy.configuration, level, environment)
    judged = judge(text.encode(errors="replace"), Format.JSON, rules, policy.path)
    found = tuple(replace(item, place=None) for item in judged.diagnostics)
    config = judged.policy.config if judged.policy is not None else None
    problem = found[0].message if config is None and found else ""
    changed = Side("what if", config, None, problem)
    return WhatIf(
        PolicyDifference.of(Side(policy.id, policy.config), changed),
        policy.validate(level, environment),
        Findings(policy.id, rules.level, found, judged.accepted),
    )


def _put(data: dict[str, object], field: str, value: object) -> None:
    *tables, name = parse_field(field) or ("",)
    if not name or not all(isinstance(step, str) for step in (*tables, name)):
        raise ValueError(f"{field!r} names no field: security.tls.min_version is one")
    for step in tables:
        table = data.setdefault(str(step), {})
        if not isinstance(table, dict):
            table = data[str(step)] = {}
        data = table
    if value is None:
        data.pop(str(name), None)
    else:
        data[str(name)] = value


def _without(findings: Findings, others: Findings) -> tuple[Diagnostic, ...]:
    known = {(found.code, found.field, found.message) for found in others}
    return tuple(f for f in findings if (f.code, f.field, f.message) not in known)
