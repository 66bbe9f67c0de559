"""The scenario: what happens to the sample policies, one step after the other.

It knows no face: the terminal app plays it, and so does a notebook. Every step does
something real to a real folder, or asks the guards of a real engine.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from policyconsole.application.guard import Guard
from policyconsole.application.policy_set import PolicySet
from policyconsole.application.request import Request
from policyconsole.demonstration.saving import NothingToChangeError, change, save_anew

PRODUCTION, GATEWAY = "production-security-policy", "api-gateway-policy"

SAVES, SAVE_EVERY = 40, 0.025
"""How often the burst saves a file, and the seconds between two of them."""

REQUESTS = 600
"""How many requests one client sends at once: more than the gateway's ``burst_size`` of 400."""

ATTACKS = ("id=1 OR 1=1 --", "q=<script>alert(1)</script>", "id=1; DROP TABLE orders")
"""Queries that nobody should send."""


class Demonstrable(Protocol):
    """What a step asks of the engine."""

    @property
    def policies(self) -> PolicySet:
        """What is in force."""
        ...

    def guard(self, policy_id: str) -> Guard:
        """Give what a service asks about its requests."""
        ...

    def rollback(self, policy_id: str, revision: int) -> "Future[int]":
        """Have an earlier revision in force again."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a step acts: a folder of sample policies, the engine that watches it, and a way to wait.

    ``pause`` waits for seconds, and gives True where the demonstration is over meanwhile.
    """

    folder: Path
    engine: Demonstrable
    pause: Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called, what will happen, and how it is done.

    ``pane`` and ``path`` are where to look. ``act`` may take a second or two; it raises
    :class:`~policyconsole.demonstration.saving.NothingToChangeError` where a file was
    edited so that it cannot be done, or OSError.
    """

    title: str
    what: str
    act: Callable[[Stage], None]
    path: str = "production.toml"
    pane: str = "diagnostics"


def _good_change(stage: Stage) -> None:
    change(stage.folder / "production.toml", "requests_per_minute", "240")


def _bad_change(stage: Stage) -> None:
    change(stage.folder / "production.toml", "min_version", '"TLSv1.0"')


def _mend(stage: Stage) -> None:
    path = stage.folder / "production.toml"
    change(path, "min_version", '"TLSv1.3"')
    change(path, "burst_size", "40")


def _half_a_file(stage: Stage) -> None:
    path = stage.folder / "payment-service.yaml"
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n# reviewed\n"
    half = len(text) // 2
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text[:half])
        file.flush()
        stage.pause(1.5)
        file.write(text[half:])


def _burst(stage: Stage) -> None:
    path = stage.folder / "internal-tool.toml"
    for number in range(1, SAVES + 1):
        change(path, "burst_size", str(number))
        if stage.pause(SAVE_EVERY):
            return


def _requests(stage: Stage) -> None:
    guard = stage.engine.guard(GATEWAY)
    for _ in range(REQUESTS):
        guard.check(Request(client="192.0.2.1", path="/v1/orders"))
    for number, query in enumerate(ATTACKS):
        guard.check(Request(client=f"192.0.2.{number + 2}", path="/v2/search", query=query))


def _delete(stage: Stage) -> None:
    path = stage.folder / "internal-tool.toml"
    try:
        kept = path.read_text(encoding="utf-8")
        path.unlink()
    except FileNotFoundError:
        raise NothingToChangeError(f"{path.name} is not there any more") from None
    if not stage.pause(2.0):
        save_anew(path, kept)


def _roll_back(stage: Stage) -> None:
    active = stage.engine.policies.get(PRODUCTION)
    if active is None:
        raise NothingToChangeError(f"{PRODUCTION} is not in force any more")
    stage.engine.rollback(PRODUCTION, 1).result()


SCENARIO: tuple[Step, ...] = (
    Step(
        "A good change",
        "An editor saves production.toml with 240 requests a minute instead of 300. It is in force"
        " within milliseconds, as the next revision, and Events says what changed.",
        _good_change,
        pane="diff",
    ),
    Step(
        "A change that must not come in",
        "Somebody allows TLS 1.0. The file is refused with a line and a reason;"
        " the revision before stays in force, and nobody is without TLS for a moment.",
        _bad_change,
    ),
    Step(
        "Mended",
        "The version is right again, and the burst is 40: both come into force at once.",
        _mend,
        pane="diff",
    ),
    Step(
        "Half a file",
        "A program writes half of payment-service.yaml, waits a second and a half, and writes"
        " the rest. Nobody acts on the half.",
        _half_a_file,
        path="payment-service.yaml",
        pane="history",
    ),
    Step(
        "A burst",
        f"internal-tool.toml is saved {SAVES} times in a second. Nothing is lost, and Latency"
        " shows what each save took.",
        _burst,
        path="internal-tool.toml",
        pane="latency",
    ),
    Step(
        "Requests",
        f"A service asks its guard about {REQUESTS} requests of one client and {len(ATTACKS)}"
        " attacks. The gateway's policy lets 400 through at once.",
        _requests,
        path="api-gateway.json",
        pane="guards",
    ),
    Step(
        "A file is deleted",
        "internal-tool.toml is deleted: its policy is retired, and no default takes its place."
        " Two seconds later the file is back.",
        _delete,
        path="internal-tool.toml",
        pane="events",
    ),
    Step(
        "Back to the beginning",
        "The production policy is rolled back to revision 1: the file is rewritten, and History"
        " keeps all that was.",
        _roll_back,
        pane="history",
    ),
)
"""All steps, in their order."""
