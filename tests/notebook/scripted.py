"""An engine that does what a test says, and a page that records what it is sent."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from comm.base_comm import BaseComm

from policyconsole.application.policy_set import ActivePolicy, PolicySet
from policyconsole.application.tally import RequestCounts
from policyconsole.diagnostics import Diagnostic
from policyconsole.events import (
    BlockingSubscription,
    EventBus,
    EventType,
    Latency,
    PolicyEvent,
    Subscription,
)
from policyconsole.latency import StageTimings, Statistics
from policyconsole.notebook.payload import Message
from policyconsole.policy import PolicyConfig
from policyconsole.snapshot import EngineSnapshot, FileStatus, Loading, Verdict, WatchState
from policyconsole.validation.levels import ValidationLevel

START = datetime(2026, 11, 23, 18, 0, 0, tzinfo=UTC)


class ScriptedEngine:
    """Tells on the test's own thread what the test asks it to tell."""

    def __init__(self, folder: str = "policies", queue_length: int = 8192) -> None:
        self.failure: str | None = None
        self.policies = PolicySet()
        self.asked: list[tuple[str, str | None]] = []
        self.revalidations = 0
        self.started = self.stopped = 0
        self.requests: dict[str, RequestCounts] = {}
        self.level = "standard"
        self.environment: str | None = None
        self._folder = folder
        self.folder = Path(folder)
        self.alive = True
        self._queue_length = queue_length
        self._bus = EventBus()
        self._files: dict[str, FileStatus] = {}
        self._timings = StageTimings()
        self._watch = WatchState.STARTING
        self._told = 0

    @property
    def statistics(self) -> Statistics:
        return Statistics({}, self._timings.statistics())

    def snapshot(self) -> EngineSnapshot:
        return EngineSnapshot(
            self._bus.seq, self.policies, dict(self._files), self._watch, None,
            self.level, self.environment, self._folder,
        )  # fmt: skip

    def file(self, path: str) -> FileStatus | None:
        return self._files.get(path)

    @property
    def loading(self) -> Loading | None:
        return None

    def histogram(self, stage: str, bounds: Sequence[float]) -> list[int]:
        return self._timings.histogram(stage, bounds)

    def recent(self, stage: str, count: int) -> list[float]:
        return self._timings.recent(stage, count)

    def subscribe(self, wake: Callable[[], None] = lambda: None) -> Subscription:
        subscription = Subscription(wake, self._queue_length, self._bus.detach)
        self._bus.attach(subscription)
        return subscription

    def events(self) -> BlockingSubscription:
        subscription = BlockingSubscription(on_close=self._bus.detach)
        self._bus.attach(subscription)
        return subscription

    def configure(self, level: ValidationLevel, environment: str | None) -> None:
        self.asked.append((level.value, environment))

    def revalidate(self) -> None:
        self.revalidations += 1

    def start(self) -> None:
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    def tell(self, event: PolicyEvent) -> None:
        self._bus.deliver(self._bus.number(event))

    def begin(self) -> None:
        self._watch = WatchState.WATCHING
        self.tell(PolicyEvent(EventType.STARTED, time=self._next_moment()))

    def apply(
        self,
        path: str,
        policy_id: str,
        *diagnostics: Diagnostic,
        source: str = "",
        total: float = 1.5,
    ) -> None:
        before = self.policies.get(policy_id)
        revision = before.revision + 1 if before else 1
        moment = self._next_moment()
        config = PolicyConfig(id=policy_id, name="A policy", version="1.0.0")
        active = ActivePolicy(config, revision, "sha256:0", path, moment)
        self.policies = self.policies.commit({policy_id: active})
        self._files[path] = FileStatus(
            path, policy_id, Verdict.IN_FORCE, diagnostics, moment, None, source, policy_id
        )
        latency = Latency(detect=1.0, load=0.2, validate=0.1, apply=0.1, total=total)
        self._timings.record(latency)
        self.tell(
            PolicyEvent(
                EventType.APPLIED,
                time=moment,
                path=path,
                policy_id=policy_id,
                revision=revision,
                generation=self.policies.generation,
                diagnostics=diagnostics,
                latency=latency,
            )
        )

    def refuse(self, path: str, *diagnostics: Diagnostic, source: str = "") -> None:
        before = self._files.get(path)
        held = before.in_force_id if before else None
        active = self.policies.get(held) if held is not None else None
        moment = self._next_moment()
        self._files[path] = FileStatus(
            path, held, Verdict.REFUSED, diagnostics, moment, None, source, held
        )
        self.tell(
            PolicyEvent(
                EventType.REJECTED,
                time=moment,
                path=path,
                policy_id=held,
                revision=active.revision if active else None,
                generation=self.policies.generation,
                diagnostics=diagnostics,
            )
        )

    def remove(self, path: str) -> None:
        status = self._files.pop(path)
        leave = () if status.in_force_id is None else (status.in_force_id,)
        self.policies = self.policies.commit({}, leave)
        self.tell(
            PolicyEvent(
                EventType.REMOVED,
                time=self._next_moment(),
                path=path,
                policy_id=status.policy_id,
                generation=self.policies.generation,
            )
        )

    def _next_moment(self) -> datetime:
        self._told += 1
        return START + timedelta(seconds=self._told)


@dataclass
class Page:
    """What a page would know from the messages that it was sent, and who sent them."""

    messages: list[Message] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    rows: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    gaps: int = 0

    def take(self, message: Message) -> None:
        number = self.messages[-1]["number"] if self.messages else message["number"]
        whole = message["type"] == "snapshot"
        if not whole and message["number"] != number + 1:
            self.gaps += 1
        rows = {} if whole else dict(self.rows)
        for row in message["rows"]:
            rows[row["key"]] = (row["name"], row["status"], row["revision"])
        for key in message["gone"]:
            del rows[key]
        self.rows = rows  # in one step: the test reads on another thread
        self.threads.append(threading.current_thread().name)
        self.messages.append(message)

    @property
    def shown(self) -> dict[str, tuple[str, str]]:
        """Status and revision by name."""
        return {name: (status, revision) for name, status, revision in self.rows.values()}

    def header(self, part: Literal["level", "message"]) -> str:
        """A part of the line at the top."""
        told = [message["header"] for message in self.messages if "header" in message]
        return told[-1][part] if told else ""

    @property
    def problem(self) -> str:
        told = [message["problem"] for message in self.messages if "problem" in message]
        return told[-1] if told else ""


class RecordingComm(BaseComm):
    """Stands where the kernel's comm stands, and hands a live view's messages to its page."""

    pages: dict[str, Page]
    fault: Callable[[], None]

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, object] | None = None,
        metadata: object = None,
        buffers: object = None,
        **keys: object,
    ) -> None:
        content = dict(data or {})
        state = content.get("state")
        if msg_type == "comm_open" and isinstance(state, dict) and "snapshot" in state:
            self.pages[self.comm_id] = Page()
            self.pages[self.comm_id].take(state["snapshot"])
        page = self.pages.get(self.comm_id)
        if page is None or msg_type != "comm_msg":
            return
        self.fault()
        if content.get("method") == "custom":
            page.take(cast("Message", content["content"]))
        elif isinstance(state, dict) and "snapshot" in state:
            page.take(state["snapshot"])
