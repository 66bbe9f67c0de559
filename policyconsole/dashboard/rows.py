"""The lines and the header that a face shows, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.snapshot import WatchState


class RowStatus(StrEnum):
    """How a policy file stands, in the word that both faces show."""

    LIVE = "live"
    WARNINGS = "warnings"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def sign(self) -> str:
        """The sign shown before the word; never the only mark."""
        return _STATUS_SIGNS[self]


_STATUS_SIGNS = {
    RowStatus.LIVE: "●",
    RowStatus.WARNINGS: "▲",
    RowStatus.REFUSED: "✖",
    RowStatus.FAILED: "✖",
}

NOT_LIVE = frozenset({RowStatus.REFUSED, RowStatus.FAILED})
"""The statuses of files whose content on disk is not in force."""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy file as a line of the Policies pane.

    ``revision`` is that in force, also while the file is refused; ``since`` is when
    the verdict came, ``total_ms`` how long the newest one took from save to in force.
    """

    path: str
    policy_id: str | None
    status: RowStatus
    revision: int | None
    environment: str | None
    diagnostics: tuple[Diagnostic, ...]
    since: datetime
    total_ms: float | None = None
    in_force_id: str | None = None

    @property
    def name(self) -> str:
        """What the row is called: the policy's id, or the path where no id is known; safe to show."""
        return printable(self.policy_id or self.path)

    @property
    def findings(self) -> int:
        """How many diagnostics the file has."""
        return len(self.diagnostics)

    @property
    def note(self) -> str:
        """The second line of a refused file: what stays in force; empty otherwise."""
        if self.status not in NOT_LIVE:
            return ""
        if self.revision is None:
            return "nothing in force"
        return f"r{self.revision} stays in force"


@dataclass(frozen=True, slots=True)
class Header:
    """The line at the top of a face."""

    folder: str
    environment: str | None
    level: str
    watch: WatchState
    message: str | None
    generation: int
    in_force: int
    refused: int

    @property
    def watch_sign(self) -> str:
        """The sign before the word of the watch's state."""
        return "●" if self.watch is WatchState.WATCHING else "▼"
