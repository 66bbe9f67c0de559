"""The way back in a notebook: choose a policy and a revision, see what changes, and have it done."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from html import escape

import ipywidgets

from policyconsole.application.changes import changed_fields
from policyconsole.dashboard import change_line, changes_line, moment
from policyconsole.escaping import printable
from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryError
from policyconsole.hosted import KeepingEngine
from policyconsole.loading.loader import PolicyLoadError
from policyconsole.rollback.comparison import loaded
from policyconsole.rollback.plan import RollbackError

MOST = 50
"""How many revisions are offered, the newest ones."""


class RollbackControl:
    """Widgets that ask an engine with a history to roll back, after showing what would change.

    The history is read on a thread of its own: the kernel may be busy, and a disk may be slow.
    """

    def __init__(self, engine: KeepingEngine) -> None:
        self._engine = engine
        self._revisions: dict[str, Revision] = {}
        self._force = False
        self.open = ipywidgets.ToggleButton(
            value=False, description="roll back", icon="undo",
            tooltip="see what an earlier revision would change, and go back to it",
            layout={"width": "auto"},
        )  # fmt: skip
        self.policy = ipywidgets.Dropdown(description="policy", layout={"width": "auto"})
        self.revision = ipywidgets.Dropdown(description="revision", layout={"width": "auto"})
        self.preview = ipywidgets.HTML()
        self.confirm = ipywidgets.Button(description="roll back", disabled=True, icon="check")
        self.answer = ipywidgets.HTML()
        self.panel = ipywidgets.VBox(
            [
                ipywidgets.HBox([self.policy, self.revision, self.confirm]),
                self.preview,
                self.answer,
            ],
            layout={"display": "none"},
        )
        self.open.observe(lambda _: self._show(), names="value")
        self.policy.observe(lambda _: self._read(), names="value")
        self.revision.observe(lambda _: self._preview(), names="value")
        self.confirm.on_click(lambda _: self._do())

    def disable(self) -> None:
        """Let nothing be asked any more."""
        for control in (self.open, self.policy, self.revision, self.confirm):
            control.disabled = True

    def _show(self) -> None:
        self.panel.layout.display = "" if self.open.value else "none"
        if self.open.value:
            chosen, names = self.policy.value, list(self._engine.policies)
            self.policy.options = [(printable(name), name) for name in names]
            self.policy.value = chosen if chosen in names else next(iter(names), None)
            if self.policy.value == chosen:  # else its observer reads
                self._read()

    def _read(self) -> None:
        _aside(self._read_now)

    def _read_now(self) -> None:
        policy_id, history = self.policy.value, self._engine.history
        revisions: list[Revision] = []
        if policy_id is not None and history is not None:
            try:
                revisions = list(history.revisions(policy_id))[:MOST]
            except HistoryError as problem:
                self._say(f"the history cannot be read: {problem}")
        active = self._engine.policies.get(policy_id) if policy_id else None
        earlier = [one for one in revisions if active is None or one.revision != active.revision]
        self._revisions = {str(one.revision): one for one in earlier}
        now = datetime.now(UTC)
        self.revision.options = [
            (f"r{one.revision}  {moment(one.time, now)}  {changes_line(one.changes)}"[:90], name)
            for name, one in self._revisions.items()
        ]
        self.revision.value = next(iter(self._revisions), None)
        self._preview()

    def _preview(self) -> None:
        self._force = False
        self.confirm.description = "roll back"
        chosen = self._revisions.get(self.revision.value or "")
        self.confirm.disabled = chosen is None
        self.preview.value = "<p>no earlier revision is kept</p>" if chosen is None else ""
        if chosen is not None:
            _aside(lambda: self._preview_of(chosen))

    def _preview_of(self, chosen: Revision) -> None:
        active = self._engine.policies.get(chosen.policy_id)
        try:
            config = loaded(chosen).config
        except PolicyLoadError as problem:
            lines = [f"it cannot be loaded any more: {problem}"]
        else:
            changes = changed_fields(active.config, config) if active is not None else ()
            lines = [change_line(change) for change in changes] or ["no field changes"]
        items = "".join(f"<li>{escape(printable(line))}</li>" for line in lines)
        self.preview.value = f"<p>What changes:</p><ul>{items}</ul>"

    def _do(self) -> None:
        chosen = self._revisions.get(self.revision.value or "")
        if chosen is None:
            return
        self.confirm.disabled = True
        asked = self._engine.rollback(chosen.policy_id, chosen.revision, force=self._force)
        asked.add_done_callback(lambda done: self._tell(chosen, done))

    def _tell(self, chosen: Revision, done: "Future[int]") -> None:
        problem = done.exception()
        if problem is None:
            self._say(
                f"{chosen.policy_id} is back at revision {chosen.revision}, as r{done.result()}"
            )
            self._read()
            return
        self._say(f"not rolled back: {problem}")
        if isinstance(problem, RollbackError) and problem.forceable and not self._force:
            self._force = True
            self.confirm.description = "force it"
        self.confirm.disabled = False

    def _say(self, words: str) -> None:
        self.answer.value = f"<p>{escape(printable(words))}</p>"


def _aside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="policy-console rollback", daemon=True).start()
