"""The files of the watched folder as the engine knows them: judged, and who claims which id."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from policyconsole.application.claims import Claim, affected_ids, assign
from policyconsole.application.policy_set import ActivePolicy
from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.escaping import printable
from policyconsole.judging import Judgement
from policyconsole.loading.spans import place
from policyconsole.snapshot import FileStatus, Verdict


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file: what was judged of its content on disk.

    ``absent`` if it is missing just now; ``held_back`` if it has to wait for another file.
    """

    path: str
    judgement: Judgement
    absent: bool = False
    held_back: bool = False

    @property
    def wants(self) -> str | None:
        """The id that the file claims with content that is valid on its own."""
        if self.absent or self.held_back or not self.judgement.accepted:
            return None
        return self.judgement.policy_id


class FileTable:
    """Every file by path, with the claims that follow from them."""

    def __init__(self) -> None:
        self._files: dict[str, PolicyFile] = {}
        self._claims: dict[str, Claim] = {}
        self._wanted_by: dict[str, set[str]] = {}
        self._held_by: dict[str, str] = {}
        self._refused: set[str] = set()
        self._claimed_by: dict[str, set[str]] = {}
        self._contested: set[str] = set()

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __getitem__(self, path: str) -> PolicyFile:
        return self._files[path]

    def paths(self) -> list[str]:
        """List every file."""
        return list(self._files)

    def put(self, file: PolicyFile) -> set[str]:
        """Take a file in as it is now; give the ids that this may concern."""
        before = self._claims.get(file.path)
        holds = before.holds if before else None
        concerned = self._touched(file.path)
        self._note(self._files.get(file.path), file)
        self._files[file.path] = file
        self._claim(Claim(file.path, file.wants, holds, file.absent))
        return concerned | self._touched(file.path)

    def drop(self, path: str) -> set[str]:
        """Forget a file that is gone; give the ids that this may concern."""
        concerned = self._touched(path)
        self._note(self._files.pop(path, None), None)
        self._unclaim(path)
        self._claims.pop(path, None)
        return concerned

    def obstacle(self) -> str | None:
        """Give the first file that cannot come into force, refused or without its id; None if all can."""
        losers = (
            path
            for policy_id in self._contested
            for path in self._claimed_by[policy_id]
            if self.rival(path) is not None
        )
        return min((*self._refused, *losers), default=None)

    def rival(self, path: str) -> str | None:
        """Give the file that has or gets the id which this file's valid content claims too."""
        policy_id = self._files[path].judgement.policy_id
        claimants = self._claimed_by.get(policy_id or "", _NOBODY)
        if len(claimants) < 2 or path not in claimants:
            return None
        holder = self._held_by.get(policy_id or "")
        winner = holder if holder in claimants else min(claimants)
        return None if winner == path else winner

    def _note(self, before: PolicyFile | None, after: PolicyFile | None) -> None:
        """Note which files are refused, and which ids are claimed more than once.

        One that is missing just now claims nothing, but it is refused until it is gone: it may
        only be on its way back.
        """
        for file in (before, after):
            if file is None:
                continue
            policy_id = file.judgement.policy_id
            if not file.judgement.accepted or policy_id is None:
                change = self._refused.discard if file is before else self._refused.add
                change(file.path)
                continue
            if file.absent:
                continue
            claimants = self._claimed_by.setdefault(policy_id, set())
            (claimants.discard if file is before else claimants.add)(file.path)
            if len(claimants) > 1:
                self._contested.add(policy_id)
            else:
                self._contested.discard(policy_id)
                if not claimants:
                    del self._claimed_by[policy_id]

    def hold(self, policy_id: str, path: str | None) -> None:
        """Note which file's content is in force for an id; None for an id that is retired."""
        former = self._held_by.pop(policy_id, None)
        if former is not None and former in self._claims and former != path:
            claim = self._claims[former]
            if claim.holds == policy_id:
                self._claims[former] = Claim(former, claim.wants, None, claim.absent)
        if path is not None:
            self._held_by[policy_id] = path
            claim = self._claims[path]
            self._claims[path] = Claim(path, claim.wants, policy_id, claim.absent)

    def holders(self, ids: set[str]) -> dict[str, str | None]:
        """Say which file holds each of ``ids`` and of the ids that hang together with them."""
        paths = {path for policy_id in ids for path in self._wanted_by.get(policy_id, ())}
        paths.update(self._held_by[policy_id] for policy_id in ids if policy_id in self._held_by)
        related = affected_ids(paths, self._claims, self._wanted_by, self._held_by)
        return assign(ids | related, self._claims, self._wanted_by, self._held_by)

    def claimants(self, policy_id: str) -> AbstractSet[str]:
        """Give the files whose valid content claims an id."""
        return self._wanted_by.get(policy_id, _NOBODY)

    def successors(self, ids: AbstractSet[str], looked_at: AbstractSet[str]) -> list[str]:
        """List the files that would take over an id now that ``ids`` are concerned.

        Those in ``looked_at`` are left out: their content is that on disk.
        """
        if all(self.claimants(policy_id) <= looked_at for policy_id in ids):
            return []
        return [
            path
            for policy_id, path in self.holders(set(ids)).items()
            if path is not None
            and path not in looked_at
            and self._claims[path].wants == policy_id
            and self._held_by.get(policy_id) != path
        ]

    def held(self, path: str) -> str | None:
        """Give the id of the policy in force from a file."""
        claim = self._claims.get(path)
        return claim.holds if claim else None

    def _touched(self, path: str) -> set[str]:
        claim = self._claims.get(path)
        return (
            {policy_id for policy_id in (claim.wants, claim.holds) if policy_id} if claim else set()
        )

    def _claim(self, claim: Claim) -> None:
        self._unclaim(claim.path)
        self._claims[claim.path] = claim
        if claim.wants is not None:
            self._wanted_by.setdefault(claim.wants, set()).add(claim.path)

    def _unclaim(self, path: str) -> None:
        claim = self._claims.get(path)
        if claim is None or claim.wants is None:
            return
        wanting = self._wanted_by[claim.wants]
        wanting.discard(path)
        if not wanting:
            del self._wanted_by[claim.wants]


_NOBODY: AbstractSet[str] = frozenset()


def taken_by_another(judgement: Judgement, holder: str) -> tuple[Diagnostic, ...]:
    """Give a file's diagnostics with SET001: its id is held by the file ``holder``."""
    conflict = error(
        "SET001",
        Severity.HIGH,
        f'the id "{printable(judgement.policy_id or "")}" is already taken by {printable(holder)}',
        field="id",
        help="give this policy an id of its own, or remove one of the two files",
    )
    if judgement.policy is None:
        return (*judgement.diagnostics, conflict)
    return place((*judgement.diagnostics, conflict), judgement.policy.text, judgement.policy.format)


def held_back_by(judgement: Judgement, obstacle: str) -> tuple[Diagnostic, ...]:
    """Give a file's diagnostics with SET002: it waits until the file ``obstacle`` may come into force."""
    waiting = error(
        "SET002",
        Severity.HIGH,
        f"held back: all files come into force together, and {printable(obstacle)} cannot",
        help=f'mend {printable(obstacle)}, or set transaction = "file"',
    )
    return (*judgement.diagnostics, waiting)


def file_status(
    file: PolicyFile,
    *,
    verdict: Verdict,
    diagnostics: tuple[Diagnostic, ...],
    message: str | None,
    in_force: ActivePolicy | None,
    before: FileStatus | None,
    now: datetime,
    environment: str | None,
) -> FileStatus:
    """Give the status to show for a file; ``since`` stays while nothing else changes."""
    judgement = file.judgement
    config = judgement.policy.config if judgement.policy else in_force.config if in_force else None
    status = FileStatus(
        path=file.path,
        policy_id=judgement.policy_id or (in_force.config.id if in_force else None),
        verdict=verdict,
        diagnostics=diagnostics,
        since=now,
        digest=judgement.digest,
        source=judgement.text,
        in_force_id=in_force.config.id if in_force else None,
        environment=(config.environment if config else None) or environment,
        message=message,
    )
    if before is not None and same_news(before, status):
        return replace(status, since=before.since)
    return status


def same_news(before: FileStatus, after: FileStatus) -> bool:
    """Whether nothing changed that a file gives an event for: digest, verdict, diagnostics, ids."""
    return _news(before) == _news(after)


def _news(status: FileStatus) -> tuple[object, ...]:
    return (
        status.path,
        status.policy_id,
        status.verdict,
        status.diagnostics,
        status.digest,
        status.in_force_id,
        status.message,
    )
