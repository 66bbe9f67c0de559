"""``policy-console history``: the revisions that are kept, and their tags."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.kept import as_json, revision_in, with_history
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, counted
from policyconsole.dashboard import changes_line, moment, unconfirmed
from policyconsole.escaping import printable
from policyconsole.events import format_time
from policyconsole.history.records import KeptPolicy, RefusedContent, Revision
from policyconsole.history.store import HistoryStore
from policyconsole.masking import mask_lines
from policyconsole.rollback.plan import RollbackError, no_such_revision

DIGEST = "sha256:"
"""How the digest of a content begins."""

_SHORT_DIGEST = len(DIGEST) + 12

LONGEST_TAG = 64
"""Characters of a tag."""


def run(options: argparse.Namespace) -> int:
    """Show or tag what ``options`` name and give the exit code."""
    usage = _wrong_together(options)
    if usage is not None:
        tell(usage)
        return WRONG_USAGE
    return with_history(options, lambda store, _: _act(store, options))


def _wrong_together(options: argparse.Namespace) -> str | None:
    if options.revision is not None and options.tag is None:
        return "--revision goes with --tag"
    if options.policy is None and (options.tag is not None or options.untag is not None):
        return "a tag is of one POLICY: name it behind FOLDER"
    if options.policy is None and options.content is not None:
        return "a content is of one POLICY: name it behind FOLDER"
    return tag_problem(options.tag) if options.tag is not None else None


def tag_problem(name: str) -> str | None:
    """Say why ``name`` cannot be a tag, None if it can: it must not look like a number or an option."""
    if name.isdigit():
        return f"a tag must not be a number: {name} names a revision"
    if not name or name.startswith("-") or len(name) > LONGEST_TAG:
        return f"a tag has 1 to {LONGEST_TAG} characters and begins with no '-'"
    if name.startswith(DIGEST):
        return f"a tag does not begin with {DIGEST}"
    if any(character.isspace() for character in name) or printable(name) != name:
        return "a tag has no spaces and no characters that cannot be seen"
    return None


def _act(store: HistoryStore, options: argparse.Namespace) -> int:
    output = Output()
    if options.policy is None:
        policies = _policies(store, options.tagged)
        if options.tagged is not None and not policies:
            tell(f"no policy has a revision tagged {options.tagged}")
        if options.format == "json":
            output.write(as_json(_list_record(policies)))
        else:
            _write(output, _list_lines(policies, Paint(output.coloured)))
    elif options.tag is not None or options.untag is not None:
        _tag(store, options)
    elif options.content is not None:
        _write_content(output, _content(store, options.policy, options.content))
    else:
        kept = _kept(store, options.policy, options.tagged)
        if options.tagged is not None and store.tagged(options.policy, options.tagged) is None:
            tell(f"{options.policy} has no revision tagged {options.tagged}")
        if options.format == "json":
            output.write(as_json(kept_record(*kept)))
        else:
            _write(output, _kept_lines(*kept, Paint(output.coloured)))
    output.flush()
    return 0


def _write(output: Output, lines: Iterable[str]) -> None:
    for line in lines:
        output.write(line)


# Contents


def _content(store: HistoryStore, policy_id: str, named: str) -> bytes:
    """Give what a revision or a refused file held; raises RollbackError where nobody knows."""
    if not named.startswith(DIGEST):
        return revision_in(store, policy_id, named).content
    kept = [(known.digest, known.content) for known in store.revisions(policy_id)]
    refused = [(known.digest, known.content) for known in store.refusals(policy_id=policy_id)]
    contents = {
        known: content
        for known, content in (*kept, *refused)
        if known is not None and known.startswith(named) and content is not None
    }
    if len(contents) != 1:
        how = f"{len(contents)} digests begin" if contents else "no digest begins"
        raise RollbackError(f"{how} with {named} among what is kept of {policy_id}")
    return next(iter(contents.values()))


def _write_content(output: Output, content: bytes) -> None:
    """Write a content to the byte, but to a terminal without secrets and what would drive it."""
    if not output.terminal:
        output.write_as_it_is(content)
        return
    for line in mask_lines(content.decode(errors="replace").splitlines()):
        output.write(printable(line))


# Tags


def _tag(store: HistoryStore, options: argparse.Namespace) -> None:
    """Set a tag, or take one away; raises RollbackError where there is nothing to do it to."""
    policy_id: str = options.policy
    name = printable(policy_id)
    if options.untag is not None:
        number = store.tagged(policy_id, options.untag)
        if number is None:
            raise RollbackError(f"{name} has no revision tagged {options.untag}")
        store.untag(policy_id, options.untag)
        tell(f"revision {number} of {name} is no longer tagged {options.untag}")
        return
    number = _meant(store, policy_id, options.revision)
    store.tag(policy_id, number, options.tag)
    tell(f"revision {number} of {name} is tagged {options.tag}")


def _meant(store: HistoryStore, policy_id: str, named: str | None) -> int:
    """Give the revision that is to be tagged: the one in force where none is named."""
    if named is not None:
        return revision_in(store, policy_id, named).revision
    latest = store.latest().get(policy_id)
    if latest is not None:
        return latest.revision
    known = [kept.revision for kept in store.revisions(policy_id)]
    if not known:
        raise no_such_revision(policy_id, "", ())
    raise RollbackError(f"{printable(policy_id)} is not in force: name a --revision to tag")


# All policies


def _policies(store: HistoryStore, tagged: str | None) -> list[tuple[KeptPolicy, int | None]]:
    """List every policy with the revision that has the tag; where one is asked for, no others."""
    policies = [
        (kept, store.tagged(kept.policy_id, tagged) if tagged is not None else None)
        for kept in store.policies()
    ]
    return [(kept, number) for kept, number in policies if tagged is None or number is not None]


def _list_record(policies: Sequence[tuple[KeptPolicy, int | None]]) -> dict[str, object]:
    return {
        "version": 1,
        "policies": [
            {
                "policy_id": kept.policy_id,
                "revision": kept.revision,
                "path": kept.path,
                "retired": kept.retired,
                "revisions": kept.count,
                "tagged": number,
            }
            for kept, number in policies
        ],
    }


def _list_lines(policies: Sequence[tuple[KeptPolicy, int | None]], paint: Paint) -> Iterator[str]:
    width = max((len(printable(kept.policy_id)) for kept, _ in policies), default=0)
    for kept, number in policies:
        name = paint.strong(f"{printable(kept.policy_id):<{width}}")
        count = counted(kept.count, "revision")
        notes = [f"r{number} tagged"] if number is not None else []
        notes += ["retired"] if kept.retired else []
        parts = (
            name,
            f"r{kept.revision}",
            count,
            printable(kept.path),
            paint.doubtful(", ".join(notes)),
        )
        yield "  ".join(part for part in parts if part)


# One policy


def _kept(
    store: HistoryStore, policy_id: str, tagged: str | None
) -> tuple[str, list[Revision], list[RefusedContent]]:
    """Give what is kept of a policy, newest first; of a tag, the one revision that has it."""
    revisions = list(store.revisions(policy_id))
    refusals = list(store.refusals(policy_id=policy_id))
    if not revisions and not refusals:
        raise no_such_revision(policy_id, "", ())
    if tagged is None:
        return policy_id, revisions, refusals
    return policy_id, [kept for kept in revisions if tagged in kept.tags], []


def kept_record(
    policy_id: str, revisions: Iterable[Revision], refusals: Iterable[RefusedContent]
) -> dict[str, object]:
    """Give what is kept of a policy in the shape that docs/history.md fixes for JSON."""
    return {
        "version": 1,
        "policy_id": policy_id,
        "revisions": [
            {
                "revision": kept.revision,
                "time": format_time(kept.time),
                "digest": kept.digest,
                "path": kept.path,
                "sections": list(kept.sections),
                "changes": [change.record() for change in kept.changes],
                "parent": kept.parent,
                "confirmed": kept.confirmed,
                "forced": kept.forced,
                "tags": list(kept.tags),
            }
            for kept in revisions
        ],
        "refusals": [
            {
                "time": format_time(refused.time),
                "path": refused.path,
                "digest": refused.digest,
                "reason": refused.reason,
                "diagnostics": list(refused.diagnostics),
            }
            for refused in refusals
        ],
    }


def _kept_lines(
    policy_id: str,
    revisions: Sequence[Revision],
    refusals: Sequence[RefusedContent],
    paint: Paint,
) -> Iterator[str]:
    now = datetime.now(UTC)
    width = max((len(str(kept.revision)) for kept in revisions), default=0) + 1
    for kept in revisions:
        number = paint.strong(f"{f'r{kept.revision}':<{width}}")
        parts = (number, paint.faint(moment(kept.time, now)), *_notes(kept, paint))
        yield "  ".join(part for part in (*parts, changes_line(kept.changes)) if part)
    if refusals:
        if revisions:
            yield ""
        yield f"refused of {printable(policy_id)}:"
    for refused in refusals:
        codes = " ".join(dict.fromkeys(found["code"] for found in refused.diagnostics))
        parts = (
            paint.faint(moment(refused.time, now)),
            paint.bad(refused.reason),
            (refused.digest or "")[:_SHORT_DIGEST],
        )
        yield "  ".join(
            part for part in (*parts, printable(refused.path), printable(codes)) if part
        )


def _notes(kept: Revision, paint: Paint) -> Iterator[str]:
    """Say what is special about a revision: its tags, where it came from, how."""
    yield paint.advice(" ".join(f"[{printable(tag)}]" for tag in kept.tags))
    if kept.parent is not None:
        yield paint.good(f"back to r{kept.parent}")
    if kept.forced:
        yield paint.doubtful("forced")
    if not kept.confirmed:
        yield paint.doubtful(unconfirmed(kept))
