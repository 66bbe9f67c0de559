"""Subject: the policy that the detail pane is about, and what every tab of it must be able to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from textual.widget import Widget

from policyconsole.dashboard import PolicyRow, source_for
from policyconsole.snapshot import FileStatus


@dataclass(frozen=True, slots=True)
class Subject:
    """The chosen policy at one moment.

    ``since`` is when what is in force came into force, ``level`` how strictly the file was
    validated.
    """

    row: PolicyRow
    status: FileStatus | None
    since: datetime | None
    level: str

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
