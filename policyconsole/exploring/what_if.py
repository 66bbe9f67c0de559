"""What if: the report of a change that nobody has made."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from policyconsole.dashboard import Side
from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.exploring.difference import PolicyDifference
from policyconsole.exploring.findings import Findings
from policyconsole.exploring.policies import Policy, ruleset
from policyconsole.fields import FieldPath, parse_field
from policyconsole.fixing.edits import CannotEditError, SetValue, edited
from policyconsole.fixing.splicing import spliced
from policyconsole.judging import judge
from policyconsole.loading.formats import DecodeError, Format, decode
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
    takes it out. What the file says beside it stays as it is: lines, comments that suppress a
    finding. (Only where a field is taken out, or the text has no place for a value, are the
    values judged without their text.) Raises ValueError for a name that is no field path, and
    for a level that there is not; TypeError for a value that no policy can hold.
    """
    paths = {_path(field): _plain(field, value) for field, value in changes.items()}
    text, form, own = _written(policy, paths)
    rules = ruleset(policy.folder, policy.configuration, level, environment)
    path = os.path.join(policy.folder, policy.path)
    judged = judge(
        text.encode(errors="replace"), form, rules, path, writable_by_others=policy.shared
    )
    found = judged.diagnostics if own else tuple(replace(d, place=None) for d in judged.diagnostics)
    config = judged.policy.config if judged.policy is not None else None
    problem = found[0].message if config is None and found else ""
    changed = Side("what if", config, text if own else None, problem)
    before = Side(policy.id, policy.config, policy.text if own else None)
    return WhatIf(
        PolicyDifference.of(before, changed),
        policy.validate(level, environment),
        Findings(policy.id, rules.level, found, judged.accepted, text if own else ""),
    )


def _path(field: str) -> FieldPath:
    path = parse_field(field) or ()
    if not path or not all(isinstance(step, str) and step for step in path):
        raise ValueError(f"{field!r} names no field: security.tls.min_version is one")
    return path


def _plain(field: str, value: object) -> object:
    """Give a value as a decoder would; raises TypeError for what none gives."""
    match value:
        case None | bool() | int() | float() | str() | datetime():
            return value
        case list() | tuple():
            return [_plain(field, item) for item in value]
        case Mapping():
            return {str(name): _plain(field, item) for name, item in value.items()}
        case _:
            raise TypeError(f"{field}: a policy cannot hold a {type(value).__name__}")


def _written(policy: Policy, values: Mapping[FieldPath, object]) -> tuple[str, Format, bool]:
    """Write the policy with other values: into its own text if that can be, else as JSON; say whether."""
    text, form = policy.text, policy.loaded.format
    if None not in values.values():
        edits = [SetValue(path, value) for path, value in values.items()]
        with suppress(CannotEditError, DecodeError):
            changed = spliced(text, edits, form)
            if decode(changed, form) == edited(decode(text, form), edits):
                return changed, form, True
    data = policy.config.model_dump(mode="json", exclude_unset=True)
    for path, value in values.items():
        _put(data, path, value)
    written = json.dumps(data, ensure_ascii=False, indent=2, default=datetime.isoformat)
    return written, Format.JSON, False


def _put(data: dict[str, object], path: FieldPath, value: object) -> None:
    *tables, name = map(str, path)
    for step in tables:
        table = data.setdefault(step, {})
        if not isinstance(table, dict):
            table = data[step] = {}
        data = table
    if value is None:
        data.pop(name, None)
    else:
        data[name] = value


def _without(findings: Findings, others: Findings) -> tuple[Diagnostic, ...]:
    known = {(found.code, found.field, found.message) for found in others}
    return tuple(f for f in findings if (f.code, f.field, f.message) not in known)
