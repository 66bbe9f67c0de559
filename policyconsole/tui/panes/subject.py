"""Subject: the policy that the detail pane is about, and what every tab of it must be able to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from textual.widget import Widget

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.dashboard import PolicyRow, source_for
from policyconsole.snapshot import FileStatus


@dataclass(frozen=True, slots=True)
class Subject:
    """The chosen policy at one moment.

    ``since`` is when what is in force came into force, ``level`` how strictly the file was
    validated, ``active`` what of it is in force, None where nothing is.
    """

    row: PolicyRow
    status: FileStatus | None
    since: datetime | None
    level: str
    active: ActivePolicy | None = None

    @property
    def policy_id(self) -> str | None:
        """The id that is in force from this file, else the one that it claims."""
        return self.row.in_force_id or self.row.policy_id

    @property
    def is_in_force(self) -> bool:
        """Whether what the file holds is what is in force."""
        active, status = self.active, self.status
        return active is not None and status is not None and status.digest == active.digest

    @property
    def source(self) -> str | None:
        """The text that the row's findings are about; None where only another is at hand."""
        return source_for(self.row, self.status)


class DetailView(Protocol):
    """A tab of the detail pane: a widget that knows how to show a subject."""

    @property
    def target(self) -> Widget:
        """The widget that takes the keys."""
        ...

    def show_subject(self, subject: Subject | None) -> None:
        """Show this policy, or what stands there while none is chosen; called only while seen."""
