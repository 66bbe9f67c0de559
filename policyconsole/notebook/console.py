"""PolicyConsole: a folder of policies, live, as the last line of a cell."""

import atexit
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeGuard

import ipywidgets

from policyconsole.configuration.load import load_configuration
from policyconsole.configuration.model import Configuration
from policyconsole.escaping import printable
from policyconsole.exploring.figures import (
    LatencyFigures,
    event_table,
    guard_table,
    history_table,
)
from policyconsole.exploring.table import Table
from policyconsole.hosted import HostedEngine, KeepingEngine
from policyconsole.hosting import EngineThread
from policyconsole.notebook import interpreter
from policyconsole.notebook.cell import running, take_the_place
from policyconsole.notebook.controls import Controls
from policyconsole.notebook.feed import Feed
from policyconsole.notebook.picture import ConsoleSnapshot
from policyconsole.notebook.rollback import RollbackControl
from policyconsole.notebook.shared import borrow, give_back
from policyconsole.notebook.ticker import Ticker
from policyconsole.notebook.view import LiveView
from policyconsole.validation.levels import ValidationLevel
from policyconsole.watching.hints import WatcherKind
from policyconsole.wording import one_of

_OUT_OF_DATE = "the view could not be brought up to date"

FIRST_LOAD_LIMIT = 1.0
"""Seconds for which the first load is waited for where what it brings is asked for at once."""


class PolicyConsole:
    """Watches a folder and shows it live in a notebook.

    The engine has a thread of its own, and a second thread sends the page what
    changed, at most ten times a second: the picture moves while a cell computes.
    It lives until :meth:`close`, the end of its ``with`` block or of the kernel.
    Consoles of one folder with the same settings share an engine; the last that closes
    ends it. A cell that is run again closes what its earlier runs have made.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        level: ValidationLevel | str | None = None,
        environment: str | None = None,
        watcher: WatcherKind | str | None = None,
        configuration: Configuration | None = None,
        state_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        """Begin to watch ``folder``.

        ``level`` is basic, standard, strict or custom, ``environment`` that of policies
        which name none, ``watcher`` auto, inotify, watchfiles or poll. What is not said here
        the ``configuration`` says: the nearest to the folder if None, as for the commands,
        and it is followed; ``Configuration()`` is one of defaults. ``state_dir`` is where
        revisions are kept, so that one can go back; None for where the configuration says,
        and nowhere if it says nothing. Raises ValueError for
        another word, ConfigurationError for a configuration that cannot be used; a folder
        that is not there yet is waited for.
        """
        engine = borrow(
            folder,
            None if level is None else one_of(ValidationLevel, "level", level),
            environment or None,
            None if watcher is None else one_of(WatcherKind, "watcher", watcher),
            load_configuration(folder) if configuration is None else configuration,
            state_dir,
        )
        self._open(engine, borrowed=engine)

    @classmethod
    def attach(cls, engine: HostedEngine) -> Self:
        """Show an engine that somebody else starts and stops; closing the console leaves it alone."""
        console = cls.__new__(cls)
        console._open(engine, borrowed=None)  # noqa: SLF001 - its own, made here
        return console

    def _open(self, engine: HostedEngine, *, borrowed: EngineThread | None) -> None:
        self._engine = engine
        self._borrowed = borrowed
        self._closed = False
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._ticker = Ticker(self._send)
        self._feed = Feed(engine, self._ticker.wake)
        level, environment = self._feed.settings
        self._view = LiveView(snapshot=dict(self._feed.first_message()))
        self._view.on_msg(self._on_message)
        self._controls = Controls(
            ValidationLevel(level), environment, self._configure, self._revalidate
        )
        self._pausing = ipywidgets.jslink((self._controls.pause, "value"), (self._view, "paused"))
        self._rollback = RollbackControl(engine) if _keeps(engine) else None
        parts = [self._controls.bar, self._view]
        if self._rollback is not None:
            self._controls.bar.children = (*self._controls.bar.children, self._rollback.open)
            parts.insert(1, self._rollback.panel)
        self._widget = ipywidgets.VBox(parts)
        self._widget.add_class("policy-console-widget")
        interpreter.share()
        if borrowed is not None:
            borrowed.start()
        self._ticker.start()
        atexit.register(self.close)
        for earlier in take_the_place(self, running()):
            self._ask("the console of an earlier run was not closed", earlier.close)

    @property
    def engine(self) -> HostedEngine:
        """The engine behind the picture."""
        return self._engine

    @property
    def closed(self) -> bool:
        """Whether it has ended; the last picture stays."""
        return self._closed

    @property
    def problem(self) -> str:
        """What went wrong in the console itself or its engine, in a line; empty where nothing did."""
        return self._feed.problem

    def snapshot(self) -> ConsoleSnapshot:
        """Give the state of this moment as something that shows itself and never changes."""
        return ConsoleSnapshot(self._feed.state(), self._engine.snapshot())

    def events(self) -> Table:
        """List the events of this console so far, at most the last 10,000; with ``.to_frame()``."""
        return event_table(self._feed.events())

    def latency(self) -> LatencyFigures:
        """Give how long each stage took so far, with plots."""
        return LatencyFigures.of(self._engine)

    def guards(self) -> Table:
        """List what the guards of this engine have answered."""
        return guard_table(self._engine.requests)

    def history(self, policy_id: str) -> Table:
        """List what became of a policy, the newest first: what was accepted, and what was not.

        Raises ValueError where this console keeps no history, HistoryError where that
        cannot be read.
        """
        kept = self._engine.history if _keeps(self._engine) else None
        if kept is None:
            raise ValueError("no history is kept: PolicyConsole(..., state_dir=...) keeps one")
        self._feed.wait_settled(FIRST_LOAD_LIMIT)
        row = self._feed.row_of(policy_id)
        return history_table(policy_id, kept.revisions(policy_id), kept.refusals(policy_id), row)

    def close(self) -> None:
        """End the engine and both threads, and leave the last picture; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        atexit.unregister(self.close)
        try:
            if self._borrowed is not None:
                give_back(self._borrowed)
        finally:
            interpreter.restore()
            self._ticker.stop()
            self._feed.close()
            self._send()
            self._controls.disable()
            if self._rollback is not None:
                self._rollback.disable()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        folder = printable(self._engine.snapshot().folder)
        return f"<PolicyConsole of {folder}, {'closed' if self._closed else 'live'}>"

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, object]:
        """Give the widget, and a picture for readers without a kernel."""
        if not self._closed:
            self._feed.wait_settled(FIRST_LOAD_LIMIT)
        picture = self.snapshot()
        widget = self._widget._repr_mimebundle_()
        return {**widget, "text/plain": repr(picture), "text/html": picture.html()}

    def _display_(self) -> object:
        """Give marimo the live view: it knows no other widgets, and would take the picture."""
        return self._view

    def _send(self) -> None:
        """Send what the page has not seen; whatever goes wrong becomes a line in the picture."""
        with self._sending:
            try:
                message = self._feed.next_message()
                if message is not None:
                    self._view.publish(message)
                self._controls.follow(*self._feed.settings)
                if self._rollback is not None:
                    self._rollback.follow(self._engine.policies.generation)
                self._feed.report(_OUT_OF_DATE, "")
            except Exception as problem:  # noqa: BLE001 - a thread's traceback would be lost
                self._feed.report(_OUT_OF_DATE, _name(problem))
                self._feed.ask_whole()
                with suppress(Exception):
                    self._view.publish(self._feed.problem_message())

    def _on_message(self, _: object, content: object, __: object) -> None:
        """Answer the page's hello with the whole state; runs on whichever thread the kernel likes."""
        if not (isinstance(content, dict) and content.get("type") == "hello"):
            return
        self._feed.ask_whole()
        if self._closed:
            self._send()
        else:
            self._ticker.wake()

    def _configure(self, level: ValidationLevel, environment: str | None) -> None:
        self._ask(
            "level and environment stay as they were",
            lambda: self._engine.configure(level, environment),
        )

    def _revalidate(self) -> None:
        self._ask("the files were not judged anew", self._engine.revalidate)

    def _ask(self, otherwise: str, request: Callable[[], None]) -> None:
        """Hand a request to the engine; where that fails, the picture says what stays undone."""
        try:
            request()
        except Exception as problem:  # noqa: BLE001 - a callback's traceback would be lost
            self._feed.report(otherwise, _name(problem))
        else:
            self._feed.report(otherwise, "")
        self._ticker.wake()


def _keeps(engine: HostedEngine) -> TypeGuard[KeepingEngine]:
    """Whether there is a history to roll back to."""
    return getattr(engine, "history", None) is not None and hasattr(engine, "rollback")


def _name(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"
