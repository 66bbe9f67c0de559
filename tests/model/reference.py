"""What must be in force and what must be told, written from the design and not from the program.

As plain as it goes: after each look everything is worked out anew. ``architecture.md``
decisions 1, 2 and 5, and ``contracts.md`` (the events of ``watch``) are what it says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePath

from policyconsole.validation.levels import ValidationLevel
from tests.model.contents import Expected, expected
from tests.model.disk import Seen, Trouble, Unfinished


@dataclass(frozen=True)
class InForce:
    """One policy in force."""

    path: str
    digest: str
    revision: int
    interval: int | None


@dataclass(frozen=True)
class News:
    """What is to be said of one file; an event is due when it differs from what was said before.

    ``why`` tells two refusals with the same code apart: which file holds the id, what it is
    that cannot be read.
    """

    verdict: str
    digest: str | None
    codes: tuple[str, ...]
    policy_id: str | None
    in_force_id: str | None
    why: str | None = None


@dataclass(frozen=True, order=True)
class Told:
    """One event about a file."""

    type: str
    path: str
    policy_id: str
    revision: int
    digest: str
    codes: tuple[str, ...]
    generation: int


class Reference:
    """A folder's policies, as the design wants them."""

    def __init__(self, level: ValidationLevel, environment: str | None) -> None:
        self.level, self.environment = level, environment
        self.known: dict[str, bytes | Trouble] = {}
        self.absent: set[str] = set()
        self.leaving: set[str] = set()
        self.in_force: dict[str, InForce] = {}
        self.revisions: dict[str, tuple[int, str]] = {}
        self.said: dict[str, News] = {}
        self.generation = 0

    def look(self, view: Mapping[str, Seen], paths: Iterable[str] | None = None) -> list[Told]:
        """See the folder as it is (only ``paths`` of it), and say what is to be told."""
        looked_at = {*self.known, *view} if paths is None else set(paths)
        for path in looked_at:
            self._see(path, view)
        while successors := self._successors() - looked_at:
            looked_at |= successors
            for path in successors:
                self._see(path, view)
        return self.settle()

    def _see(self, path: str, view: Mapping[str, Seen]) -> None:
        seen = view.get(path)
        if isinstance(seen, Unfinished):
            self.leaving.discard(path)  # it is there; nothing more can be said of it yet
        elif seen is not None:
            self.known[path] = seen
            self.absent.discard(path)
            self.leaving.discard(path)
        elif path in self.known:
            if path not in self.leaving:
                self.leaving.add(path)
            self.absent.add(path)

    def _successors(self) -> set[str]:
        """The files that are about to take over an id: what they hold on disk counts, not before."""
        return {
            path
            for policy_id, path in self.holders().items()
            if path is not None
            and self._claims(path) == policy_id
            and (policy_id not in self.in_force or self.in_force[policy_id].path != path)
        }

    def time_passes(self) -> list[Told]:
        """Let 250 ms go by: what is still missing is gone."""
        gone = sorted(self.leaving)
        for path in gone:
            del self.known[path]
            self.absent.discard(path)
        self.leaving.clear()
        told = self.settle()
        for path in gone:
            news = self.said.pop(path, None)
            if news is not None and news.in_force_id is None:
                told.append(self._told("removed", path, replace(news, codes=()), None))
        return told

    def configure(self, level: ValidationLevel, environment: str | None) -> list[Told]:
        """Judge everything at another level or for another environment."""
        self.level, self.environment = level, environment
        return self.settle()

    def settle(self) -> list[Told]:
        """Decide who holds which id, put it in force in one generation, and say what is new."""
        holders = self.holders()
        retired: list[tuple[str, InForce]] = []
        before = dict(self.in_force)
        for policy_id, path in holders.items():
            if path is None:
                retired.append((policy_id, self.in_force.pop(policy_id)))
            elif self._claims(path) == policy_id:
                self.in_force[policy_id] = self._accepted(policy_id, path)
        if self.in_force != before:
            self.generation += 1
        for path in self.absent & self.said.keys():
            if self.said[path].in_force_id and path not in {a.path for a in self.in_force.values()}:
                del self.said[path]  # renamed, as it seems: what is told of now is the other file
        told = [
            Told("removed", was.path, policy_id, was.revision, was.digest, (), self.generation)
            for policy_id, was in retired
        ]
        for path in sorted(self.known.keys() - self.absent):
            news = self.news(path)
            if news != self.said.get(path):
                self.said[path] = news
                kind = "applied" if news.verdict == "in_force" else "rejected"
                told.append(self._told(kind, path, news, news.in_force_id))
        return told

    def holders(self) -> dict[str, str | None]:
        """Say which file holds each id that is claimed or in force: decision 5.

        The file in force keeps its id while it is there and claims it, or is refused. Else
        the smallest path that claims it takes over. Else it stays where it is while its file
        may yet come back, or while its file does not get the other id that it claims.
        """
        claims = {path: self._claims(path) for path in self.known}
        ids = {*self.in_force, *(claimed for claimed in claims.values() if claimed is not None)}
        holders: dict[str, str | None] = {}
        for policy_id in ids:
            holder = self.in_force[policy_id].path if policy_id in self.in_force else None
            claimants = [path for path, claimed in claims.items() if claimed == policy_id]
            there = holder in self.known and holder not in self.absent
            if holder and there and claims[holder] in (policy_id, None):
                holders[policy_id] = holder
            elif claimants:
                holders[policy_id] = min(claimants)
            elif holder in self.absent:
                holders[policy_id] = holder
        for policy_id in ids - holders.keys():
            holder = self.in_force[policy_id].path
            got_another = holders.get(claims.get(holder) or "") == holder
            holders[policy_id] = holder if holder in self.known and not got_another else None
        return holders

    def news(self, path: str) -> News:
        """Say what there is to say of a file that is there."""
        seen = self.known[path]
        digest = None if isinstance(seen, Trouble) else digest_of(seen)
        judged = self._judged(path)
        held = next((key for key, active in self.in_force.items() if active.path == path), None)
        codes, why = judged.codes, seen.what if isinstance(seen, Trouble) else None
        mine = judged.accepted and held == judged.policy_id
        if judged.accepted and not mine and judged.policy_id is not None:
            codes = tuple(sorted((*codes, "SET001")))
            why = self.in_force[judged.policy_id].path
        claimed = judged.policy_id or held
        return News("in_force" if mine else "refused", digest, codes, claimed, held, why)

    def _accepted(self, policy_id: str, path: str) -> InForce:
        content = self.known[path]
        assert isinstance(content, bytes)
        digest = digest_of(content)
        revision, last = self.revisions.get(policy_id, (0, ""))
        revision = revision if digest == last else revision + 1
        self.revisions[policy_id] = revision, digest
        return InForce(path, digest, revision, self._judged(path).interval)

    def _claims(self, path: str) -> str | None:
        judged = self._judged(path)
        return judged.policy_id if judged.accepted and path not in self.absent else None

    def _judged(self, path: str) -> Expected:
        seen = self.known[path]
        if isinstance(seen, Trouble):
            return Expected(False, (seen.code,), None)
        return expected(seen, PurePath(path).suffix, self.level, self.environment)

    def _told(self, kind: str, path: str, news: News, in_force_id: str | None) -> Told:
        revision = self.in_force[in_force_id].revision if in_force_id else 0
        return Told(
            kind,
            path,
            news.policy_id or "",
            revision,
            news.digest or "",
            news.codes,
            self.generation,
        )


def digest_of(content: bytes) -> str:
    """``sha256:`` and the SHA-256 of the bytes."""
    return "sha256:" + sha256(content).hexdigest()
