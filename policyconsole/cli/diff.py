"""``policy-console diff``: what differs between two revisions of a policy."""

import argparse
import json
from collections.abc import Iterator, Sequence

from policyconsole.cli.kept import as_json, revision_in, with_history
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint
from policyconsole.escaping import printable
from policyconsole.events import Change
from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryStore
from policyconsole.loading.loader import PolicyLoadError
from policyconsole.rollback.comparison import Comparison, compare, source_difference
from policyconsole.rollback.plan import RollbackError


def run(options: argparse.Namespace) -> int:
    """Show what differs between the two revisions of ``options`` and give the exit code."""
    return with_history(options, lambda store, _: _show(store, options))


def _show(store: HistoryStore, options: argparse.Namespace) -> int:
    old = revision_in(store, options.policy, options.old)
    new = revision_in(store, options.policy, options.new)
    output = Output()
    paint = Paint(output.coloured)
    if options.format == "json":
        lines = [as_json(_record(old, new, source=options.source))]
    elif options.source:
        lines = [_painted(line, paint) for line in source_difference(old, new)]
    else:
        lines = list(_field_lines(_compared(old, new).changes, paint))
    for line in lines:
        output.write(line)
    output.flush()
    if not lines:
        tell(_nothing(old, new, source=options.source))
    return 0


def _compared(old: Revision, new: Revision) -> Comparison:
    try:
        return compare(old, new)
    except PolicyLoadError as problem:
        reason = f"a revision cannot be loaded any more (--source shows it): {problem}"
        raise RollbackError(reason) from None


def _record(old: Revision, new: Revision, *, source: bool) -> dict[str, object]:
    """Give the comparison as JSON; ``source`` is null where it was not asked for."""
    compared = _compared(old, new)
    return {
        "version": 1,
        "policy_id": new.policy_id,
        "old": old.revision,
        "new": new.revision,
        "sections": list(compared.sections),
        "changes": [change.record() for change in compared.changes],
        "source": list(source_difference(old, new)) if source else None,
    }


def _field_lines(changes: Sequence[Change], paint: Paint) -> Iterator[str]:
    """Give every change with both values as a whole, one below the other."""
    for change in changes:
        shown = change.record()
        yield paint.strong(printable(change.field))
        yield paint.bad(f"- {_value(shown['old'])}")
        yield paint.good(f"+ {_value(shown['new'])}")


def _value(value: object) -> str:
    if value is None:
        return "(none)"
    return printable(json.dumps(value, ensure_ascii=False))


def _painted(line: str, paint: Paint) -> str:
    if line.startswith(("---", "+++")):
        return paint.strong(line)
    match line[:1]:
        case "-":
            return paint.bad(line)
        case "+":
            return paint.good(line)
        case "@":
            return paint.faint(line)
        case _:
            return line


def _nothing(old: Revision, new: Revision, *, source: bool) -> str:
    names = f"revisions {old.revision} and {new.revision}"
    if old.digest == new.digest:
        return f"{names} are the same content"
    what = "only in what is masked" if source else "in no field, only in how they are written"
    return f"{names} differ {what}"
