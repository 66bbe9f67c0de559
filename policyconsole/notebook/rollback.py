"""The way back in a notebook: choose a policy and a revision, see what changes, and have it done."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from html import escape
from typing import TypeVar

import ipywidgets

from policyconsole.application.changes import changed_fields
from policyconsole.application.policy_set import ActivePolicy
from policyconsole.dashboard import change_line, changes_line, moment
from policyconsole.escaping import printable
from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryError
from policyconsole.hosted import KeepingEngine
from policyconsole.loading.loader import PolicyLoadError
from policyconsole.rollback.comparison import loaded
from policyconsole.rollback.plan import RollbackError
from policyconsole.wording import cause

_Found = TypeVar("_Found")

MOST = 50
"""How many revisions are offered, the newest ones."""


class RollbackControl:
    """Widgets that ask an engine with a history to roll back, after showing what would change.

    The history is read on a thread of its own: the kernel may be busy, and a disk may be slow.
    Of several questions only the answer to the newest is shown.
    """

    def __init__(self, engine: KeepingEngine) -> None:
        self._engine = engine
        self._revisions: dict[str, Revision] = {}
        self._force = False
        self._generation = -1
        self._shown: tuple[str | None, str | None, int | None] | None = None
        self._filling: int | None = None
        self._reads, self._previews = _Questions(), _Questions()
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
        self.policy.observe(lambda _: self._chosen(self._read), names="value")
        self.revision.observe(lambda _: self._chosen(self._preview), names="value")
        self.confirm.on_click(lambda _: self._do())

    def follow(self, generation: int) -> None:
        """Offer what there is by now, where the panel is open and something else is in force."""
        if self.open.value and not self.open.disabled and generation != self._generation:
            self._refresh(generation)

    def disable(self) -> None:
        """Let nothing be asked any more."""
        for control in (self.open, self.policy, self.revision, self.confirm):
            control.disabled = True

    def _show(self) -> None:
        self.panel.layout.display = "" if self.open.value else "none"
        if self.open.value:
            self._refresh(self._engine.policies.generation)

    def _refresh(self, generation: int) -> None:
        self._generation = generation
        policies = self._engine.policies
        offered = [(printable(name), name) for name in policies]
        if offered != list(self.policy.options):  # there may be thousands, and the page is told
            chosen = self.policy.value
            self._fill(self.policy, offered, chosen if chosen in policies else _likely(policies))
        self._read()

    def _read(self) -> None:
        policy_id = self.policy.value
        self._aside(
            self._reads, lambda: self._kept(policy_id), lambda found: self._offer(policy_id, *found)
        )

    def _kept(self, policy_id: str | None) -> tuple[list[Revision], str]:
        """Give the revisions that one can go back to, and what kept them from being read."""
        history = self._engine.history
        if policy_id is None or history is None:
            return [], ""
        try:
            kept = list(history.revisions(policy_id))[:MOST]
        except HistoryError as problem:
            return [], f"the history cannot be read: {problem}"
        active = self._engine.policies.get(policy_id)
        return [one for one in kept if active is None or one.revision != active.revision], ""

    def _offer(self, policy_id: str | None, earlier: list[Revision], problem: str) -> None:
        if problem:
            self._say(problem)
        again = self._revisions.get(self.revision.value or "")
        self._revisions = {str(one.revision): one for one in earlier}
        chosen = str(again.revision) if again and again.policy_id == policy_id else None
        now = datetime.now(UTC)
        self._fill(
            self.revision,
            [
                (
                    f"r{one.revision}  {moment(one.time, now)}  {changes_line(one.changes)}"[:90],
                    name,
                )
                for name, one in self._revisions.items()
            ],
            chosen if chosen in self._revisions else next(iter(self._revisions), None),
        )
        if self._question() != self._shown:
            self._preview()

    def _question(self) -> tuple[str | None, str | None, int | None]:
        """Give what a preview is about: the policy, the revision to go back to, the one in force."""
        active = self._engine.policies.get(self.policy.value or "")
        return self.policy.value, self.revision.value, active.revision if active else None

    def _preview(self) -> None:
        self._force = False
        self._shown = self._question()
        chosen = self._revisions.get(self.revision.value or "")
        self.confirm.description = f"roll back to r{chosen.revision}" if chosen else "roll back"
        self.confirm.disabled = chosen is None
        if chosen is None:
            self._previews.ask()
            self.preview.value = "no earlier revision is kept"
        else:
            self._aside(self._previews, lambda: self._preview_of(chosen), self._show_preview)

    def _preview_of(self, chosen: Revision) -> list[str]:
        active = self._engine.policies.get(chosen.policy_id)
        try:
            config = loaded(chosen).config
        except PolicyLoadError as problem:
            return [f"it cannot be loaded any more: {problem}"]
        changes = changed_fields(active.config, config) if active is not None else ()
        return [change_line(change) for change in changes] or ["no field changes"]

    def _show_preview(self, lines: list[str]) -> None:
        items = "".join(f"<li>{escape(printable(line))}</li>" for line in lines)
        self.preview.value = f"What changes:<ul style='margin: 0'>{items}</ul>"

    def _do(self) -> None:
        chosen = self._revisions.get(self.revision.value or "")
        if chosen is None:
            return
        self.confirm.disabled = True
        try:
            asked = self._engine.rollback(chosen.policy_id, chosen.revision, force=self._force)
        except Exception as problem:  # noqa: BLE001 - a callback's traceback would be lost
            self._say(f"not rolled back: {cause(problem)}")
            return
        asked.add_done_callback(lambda done: self._tell(chosen, done))

    def _tell(self, chosen: Revision, done: "Future[int]") -> None:
        if done.cancelled():
            self._say("not rolled back: the engine ended before")
            return
        problem = done.exception()
        if problem is None:
            self._say(
                f"{chosen.policy_id} is back at revision {chosen.revision}, as r{done.result()}"
            )
            self._refresh(self._engine.policies.generation)
            return
        self._say(f"not rolled back: {cause(problem)}")
        if isinstance(problem, RollbackError) and problem.forceable and not self._force:
            self._force = True
            self.confirm.description = f"force r{chosen.revision}"
        self.confirm.disabled = False

    def _say(self, words: str) -> None:
        self.answer.value = escape(printable(words))

    def _fill(
        self, choice: ipywidgets.Dropdown, options: list[tuple[str, str]], chosen: str | None
    ) -> None:
        """Offer other choices, without taking it for somebody's choice."""
        self._filling = threading.get_ident()
        try:
            choice.options = options
            choice.value = chosen
        finally:
            self._filling = None

    def _chosen(self, act: Callable[[], None]) -> None:
        if self._filling != threading.get_ident():
            act()

    def _aside(
        self, questions: "_Questions", find: Callable[[], _Found], show: Callable[[_Found], None]
    ) -> None:
        """Find something on another thread, and show it unless somebody has asked again meanwhile."""
        number = questions.ask()

        def work() -> None:
            try:
                found = find()
                if questions.newest == number:
                    show(found)
            except Exception as problem:  # noqa: BLE001 - a thread's traceback would be lost
                self._say(f"this could not be looked up: {cause(problem)}")

        threading.Thread(target=work, name="policy-console rollback", daemon=True).start()


def _likely(policies: Mapping[str, ActivePolicy]) -> str | None:
    """Give the policy that changed last: somebody may regret that."""
    return max(
        policies,
        key=lambda name: (policies[name].revision > 1, policies[name].since),
        default=None,
    )


class _Questions:
    """Numbers questions, so that a late answer to an old one can be told."""

    def __init__(self) -> None:
        self.newest = 0
        self._lock = threading.Lock()

    def ask(self) -> int:
        """Give the number of a new question."""
        with self._lock:
            self.newest += 1
            return self.newest
