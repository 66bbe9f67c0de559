"""Timeline: what became of a policy over time, as the history keeps it: revisions and refusals."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policyconsole.dashboard.rows import NOT_LIVE, PolicyRow
from policyconsole.dashboard.words import changes_line, unconfirmed
from policyconsole.escaping import printable
from policyconsole.history.records import Reason, RefusedContent, Revision


class Result(StrEnum):
    """What became of a content, in the word that both faces show."""

    IN_FORCE = "in force"
    EARLIER = "earlier"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"
    FAILED = "failed"
    PROBATION = "failed its probation"
    OVERWRITTEN = "overwritten"

    @property
    def sign(self) -> str:
        """The sign shown before the word; never the only mark."""
        return _SIGNS[self]


_SIGNS = {
    Result.IN_FORCE: "●",
    Result.EARLIER: "○",
    Result.UNCONFIRMED: "▼",
    Result.REFUSED: "✖",
    Result.FAILED: "✖",
    Result.PROBATION: "✖",
    Result.OVERWRITTEN: "○",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One content of a policy, and what became of it; every text is safe to show.

    ``revision`` and ``content`` are what the history keeps of it: one of them, or neither
    for a refusal that it does not know (yet). ``what`` is what changed, or what refused it.
    """

    time: datetime
    result: Result
    what: str
    notes: tuple[str, ...] = ()
    revision: Revision | None = None
    content: RefusedContent | None = None

    @property
    def number(self) -> int | None:
        """The number of the revision; None for a refusal."""
        return self.revision.revision if self.revision is not None else None


def timeline(
    revisions: Sequence[Revision],
    refusals: Iterable[RefusedContent],
    row: PolicyRow | None = None,
    digest: str | None = None,
) -> tuple[Moment, ...]:
    """Put what is kept of a policy in the order of time, the newest first.

    ``row`` is how the policy stands now: it says which revision is in force, and tells of a
    refusal that is not kept yet. ``digest`` is that of the content which it is about.
    """
    standing = row.revision if row is not None else None
    refused = [_refused(content) for content in refusals]
    moments = [_kept(revision, standing) for revision in revisions] + refused
    if row is not None and row.status in NOT_LIVE:
        newest = max(refused, key=lambda moment: moment.time, default=None)
        content = newest.content if newest is not None else None
        if content is None or content.digest != digest:
            moments.append(_now(row))
    return tuple(sorted(moments, key=lambda moment: moment.time, reverse=True))


def _kept(revision: Revision, standing: int | None) -> Moment:
    result = Result.IN_FORCE if revision.revision == standing else Result.EARLIER
    if not revision.confirmed and result is Result.EARLIER:
        result = Result.UNCONFIRMED
    return Moment(
        time=revision.time,
        result=result,
        what=changes_line(revision.changes),
        notes=tuple(_notes(revision)),
        revision=revision,
    )


def _notes(revision: Revision) -> Iterator[str]:
    yield from map(printable, revision.tags)
    if revision.parent is not None:
        yield f"back to r{revision.parent}"
    if revision.forced:
        yield "forced"
    if not revision.confirmed:
        yield unconfirmed(revision)


_REASONS = {
    Reason.REFUSED: Result.REFUSED,
    Reason.FAILED: Result.FAILED,
    Reason.PROBATION: Result.PROBATION,
    Reason.OVERWRITTEN: Result.OVERWRITTEN,
}


def _refused(content: RefusedContent) -> Moment:
    codes = dict.fromkeys(str(found["code"]) for found in content.diagnostics)
    return Moment(
        time=content.time,
        result=_REASONS[content.reason],
        what=printable(" ".join(codes)),
        content=content,
    )


def _now(row: PolicyRow) -> Moment:
    codes = dict.fromkeys(found.code for found in row.diagnostics if found.blocks)
    return Moment(row.since, Result(row.status.value), printable(" ".join(codes)))
