"""The event log, folded up from the events alone."""

from collections.abc import Iterable

from policyconsole import EventType, PolicyEvent
from tests.model.reference import InForce, News, Told


class Log:
    """Follows the events one by one, holds what they come to, and what no log may ever say."""

    def __init__(self) -> None:
        self.in_force: dict[str, InForce] = {}
        self.files: dict[str, News] = {}
        self.revisions: dict[str, tuple[int, str]] = {}
        self.standing: list[str] = []
        self._seq = 0
        self._generation = 0

    def fold(self, events: Iterable[PolicyEvent]) -> list[Told]:
        """Take events in; gives those about files, each as what it tells."""
        told = []
        for event in events:
            assert event.seq == self._seq + 1, "a hole in the numbers"
            assert event.generation >= self._generation, "a generation that goes down"
            self._seq, self._generation = event.seq, event.generation
            if event.path is None:
                self.standing.append(event.type.value)
                continue
            told.append(as_told(event))
            match event.type:
                case EventType.APPLIED:
                    self._applied(event, event.path)
                case EventType.REJECTED:
                    self._rejected(event, event.path)
                case EventType.REMOVED:
                    self._removed(event, event.path)
                case other:
                    raise AssertionError(f"nothing in the model causes {other}")
        return told

    def _applied(self, event: PolicyEvent, path: str) -> None:
        policy_id, revision, digest = event.policy_id, event.revision, event.digest
        assert policy_id is not None
        assert revision is not None
        assert digest is not None
        last, known = self.revisions.get(policy_id, (0, ""))
        assert revision == (last if known == digest else last + 1), "revisions grow by one"
        self.revisions[policy_id] = revision, digest
        former = self.in_force.get(policy_id)
        if former is not None and former.path != path:
            left = self.files.get(former.path)
            if left is not None and left.in_force_id == policy_id:
                del self.files[former.path]  # it moved; a file that is still there is told again
        self._say(path, _news("in_force", event, policy_id))
        interval = former.interval if former else None
        self.in_force[policy_id] = InForce(path, digest, revision, interval)

    def _rejected(self, event: PolicyEvent, path: str) -> None:
        before = self.files.get(path)
        held = before.in_force_id if before and event.revision is not None else None
        self._say(path, _news("refused", event, held))

    def _removed(self, event: PolicyEvent, path: str) -> None:
        if event.revision is not None:
            assert event.policy_id is not None
            assert self.in_force.pop(event.policy_id).path == path
        if event.revision is None or self.files[path].in_force_id == event.policy_id:
            del self.files[path]

    def _say(self, path: str, news: News) -> None:
        assert news != self.files.get(path), "an event that tells nothing new"
        self.files[path] = news


def as_told(event: PolicyEvent) -> Told:
    """What an event about a file tells, apart from its times and words."""
    codes = tuple(sorted(item.code for item in event.diagnostics))
    return Told(
        event.type.value,
        event.path or "",
        event.policy_id or "",
        event.revision or 0,
        event.digest or "",
        codes,
        event.generation,
    )


def _news(verdict: str, event: PolicyEvent, in_force_id: str | None) -> News:
    codes = tuple(sorted(item.code for item in event.diagnostics))
    why = " ".join(item.message for item in event.diagnostics if item.blocks)
    return News(verdict, event.digest, codes, event.policy_id, in_force_id, why)
