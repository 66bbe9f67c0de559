"""What the monitor does for a service whose policy says so: metrics, alerts, reports."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from prometheus_client import CollectorRegistry

from policyconsole import EngineThread, PolicyEvent, Request, ValidationLevel
from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.monitoring.wording import alert_line
from policyconsole.application.request import Decision, Refusal
from policyconsole.application.target import Prepared, Transition
from policyconsole.application.targets.monitor import Monitor, service_logger
from policyconsole.application.targets.rate_limiter import RateLimiter
from policyconsole.events import EventType
from policyconsole.policy import PolicyConfig
from tests.metrics.scraping import collected, lint
from tests.policies import NOT_WELL_FORMED, toml
from tests.waiting import eventually_blocking

ALLOWED = Decision(True, "")
LIMITED = Decision(False, "", Refusal.TOO_MANY_REQUESTS)
REQUESTS = "policy_console_service_requests_total"
TIMED = "policy_console_service_check_duration_seconds_count"
OFF = "\n[monitoring.metrics]\nenabled = false\n"


def end(monitor: Monitor) -> None:
    """Tell it that the engine has stopped, and wait until its thread has gone."""
    monitor.alert(PolicyEvent(EventType.STOPPED))
    eventually_blocking(lambda: not monitor._reporter._running)


Make: TypeAlias = Callable[..., Monitor]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make monitors that no engine will end, and end them."""
    made: list[Monitor] = []

    def made_with(**options: Any) -> Monitor:
        made.append(Monitor(**options))
        return made[-1]

    yield made_with
    for monitor in made:
        end(monitor)


def policy(policy_id: str = "m", **monitoring: object) -> PolicyConfig:
    fields = {"id": policy_id, "name": "M", "version": "1.0.0", "monitoring": monitoring}
    return PolicyConfig.model_validate(fields)


async def follow(monitor: Monitor, old: PolicyConfig | None, new: PolicyConfig | None) -> None:
    policy_id = next(config.id for config in (old, new) if config is not None)
    await apply(Transition(policy_id, old, new, ("monitoring",)), [monitor])


def ask(monitor: Monitor, decision: Decision = ALLOWED, policy_id: str = "m") -> None:
    monitor.observe(policy_id, 1, Request(), decision, 0.001)


def counted(registry: CollectorRegistry) -> dict[str, float]:
    """How often each policy was asked, where it can be scraped."""
    scrape = collected(registry)
    return {
        labels["policy"]: scrape.value(REQUESTS, **labels) for labels in scrape.labels(REQUESTS)
    }


async def test_a_service_is_scraped_as_its_policy_says(make: Make) -> None:
    registry = CollectorRegistry()
    monitor = make(registry=registry)
    on, off = policy(), policy(metrics={"enabled": False})
    await follow(monitor, None, on)
    assert counted(registry) == {}, "nobody has asked yet"
    for decision in (ALLOWED, LIMITED, LIMITED):
        ask(monitor, decision)
    ask(monitor, policy_id="unknown")
    monitor.observe("m", 0, Request(), ALLOWED, 0.001)  # nothing was in force
    scrape = collected(registry)
    assert scrape.value(REQUESTS, policy="m", answer="allowed") == 1
    assert scrape.value(REQUESTS, policy="m", answer="too_many_requests") == 2
    assert scrape.value(TIMED, policy="m") == 3
    assert lint(scrape) == []
    await follow(monitor, on, off)
    ask(monitor)
    assert counted(registry) == {}
    await follow(monitor, off, on)
    ask(monitor)
    assert collected(registry).value(REQUESTS, policy="m", answer="allowed") == 2
    await follow(monitor, on, None)
    ask(monitor)
    assert counted(registry) == {}
    await follow(monitor, None, on)
    ask(monitor)
    assert counted(registry) == {"m": 1}


async def test_counts_are_exact_whatever_share_is_timed(make: Make) -> None:
    registry = CollectorRegistry()
    monitor = make(registry=registry)
    for rate in (0.0, 0.5, 1.0):
        await follow(monitor, None, policy(f"m{rate}", metrics={"sampling_rate": rate}))
        for _ in range(1000):
            ask(monitor, policy_id=f"m{rate}")
    assert set(counted(registry).values()) == {1000}
    scrape = collected(registry)
    assert scrape.value(TIMED, policy="m0.0") == 0
    assert 350 < scrape.value(TIMED, policy="m0.5") < 650  # nine standard deviations
    assert scrape.value(TIMED, policy="m1.0") == 1000


async def test_a_registry_has_one_monitor(make: Make) -> None:
    registry = CollectorRegistry()
    make(registry=registry)
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        make(registry=registry)


class Refusing:
    """A target that refuses to commit."""

    name = "refusing"
    sections = frozenset({"monitoring"})

    async def prepare(self, transition: Transition) -> Prepared:
        return self

    async def commit(self) -> None:
        raise LookupError("no")

    async def undo(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("new", [policy(metrics={"enabled": False}), None])
async def test_undo_puts_settings_and_counts_back(make: Make, new: PolicyConfig | None) -> None:
    registry = CollectorRegistry()
    monitor = make(registry=registry)
    await follow(monitor, None, policy())
    ask(monitor)
    with pytest.raises(ApplyError):
        await apply(Transition("m", policy(), new, ("monitoring",)), [monitor, Refusing()])
    assert counted(registry) == {"m": 1}
    ask(monitor)
    assert counted(registry) == {"m": 2}
    with pytest.raises(ApplyError):
        await apply(Transition("n", None, policy("n"), ("monitoring",)), [monitor, Refusing()])
    ask(monitor, policy_id="n")
    assert counted(registry) == {"m": 2}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(caplog: pytest.LogCaptureFixture, name: str = "service.m") -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == name]


async def test_a_report_comes_after_each_interval_with_requests(
    make: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    monitor = make(clock=clock)
    for policy_id in ("m", "other"):
        await follow(monitor, None, policy(policy_id, interval_seconds=60))
    for _ in range(3):
        ask(monitor)
    ask(monitor, LIMITED)
    clock.now = 59.9
    ask(monitor, policy_id="other")
    assert lines(caplog) == []
    clock.now = 60.0
    monitor._reporter.remind("nobody", 60.0)  # wakes it
    first = (
        "policy m: 4 requests, 3 allowed, 0 refused, 1 limited; checks p50 1.000 ms, p99 1.000 ms"
    )
    eventually_blocking(lambda: lines(caplog) == [first])
    clock.now = 1000.0
    monitor._reporter.remind("nobody", 60.0)
    eventually_blocking(lambda: len(lines(caplog, "service.other")) == 1)
    ask(monitor)
    end(monitor)
    second = (
        "policy m: 1 requests, 1 allowed, 0 refused, 0 limited; checks p50 1.000 ms, p99 1.000 ms"
    )
    assert lines(caplog) == [first, second]
    assert {record.levelno for record in caplog.records} == {logging.INFO}


async def test_another_interval_counts_from_now_and_the_log_level_decides(
    make: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    monitor = make(clock=clock)
    slow, fast = policy(interval_seconds=3600), policy(interval_seconds=5)
    await follow(monitor, None, slow)
    ask(monitor)
    await follow(monitor, slow, fast)
    clock.now = 5.0
    monitor._reporter.remind("nobody", 0.0)
    eventually_blocking(lambda: len(lines(caplog)) == 1)
    quiet = policy(interval_seconds=5, log_level="warn")
    await follow(monitor, fast, quiet)
    ask(monitor)
    end(monitor)
    assert len(lines(caplog)) == 1


async def test_the_policy_says_how_many_durations_a_report_is_of(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    monitor = make()
    many, few = policy(metrics={"buffer_size": 10}), policy(metrics={"buffer_size": 2})
    await follow(monitor, None, many)
    for seconds in (0.009, 0.008, 0.001, 0.002):
        monitor.observe("m", 1, Request(), ALLOWED, seconds)
    await follow(monitor, many, few)
    end(monitor)
    assert lines(caplog)[0].endswith(
        "4 allowed, 0 refused, 0 limited; checks p50 1.000 ms, p99 2.000 ms"
    )


async def test_nothing_is_reported_of_a_service_without_metrics_or_policy(
    make: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monitor = make()
    for policy_id in ("m", "n", "o"):
        await follow(monitor, None, policy(policy_id))
        ask(monitor, policy_id=policy_id)
    await follow(monitor, policy(), policy(enabled=False))
    await follow(monitor, policy("n"), None)
    await follow(monitor, policy("o"), policy("o", metrics={"enabled": False}))
    end(monitor)
    assert caplog.records == []


async def test_at_rest_and_without_requests_there_is_no_thread(make: Make) -> None:
    monitor = make()
    for number in range(100):
        await follow(monitor, None, policy(f"m{number}"))
    assert not monitor._reporter._running
    assert monitor._meters == {}


ALERTS_OFF = "\nalerts_enabled = false\n"


def test_a_refused_file_is_an_alert_unless_its_policy_says_otherwise(folder: Path) -> None:
    for name in ("loud", "quiet"):
        (folder / f"{name}.toml").write_text(toml(name) + ALERTS_OFF * (name == "quiet"))
    alerts: list[PolicyEvent] = []
    with EngineThread(folder, targets=[Monitor(alert=alerts.append)]) as engine:
        with engine.events() as events:
            for name in ("quiet", "loud", "unknown"):
                (folder / f"{name}.toml").write_text(NOT_WELL_FORMED)
                told = events.get(timeout=20)
                assert told is not None
                assert (told.type, told.path) == (EventType.REJECTED, f"{name}.toml")
        eventually_blocking(lambda: len(alerts) == 2)
        assert [alert.path for alert in alerts] == ["loud.toml", "unknown.toml"]
    assert len(alerts) == 2


class Broken(RateLimiter):
    async def prepare(self, transition: Transition) -> Prepared:
        raise LookupError("no room")


def test_a_target_that_fails_is_logged_as_an_error_by_the_service(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.toml").write_text(toml())
    with EngineThread(folder, targets=[Monitor(), Broken()]):
        eventually_blocking(lambda: lines(caplog, "service"))
    (record,) = [record for record in caplog.records if record.name == "service"]
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("policy a-policy: a.toml not put in force; rate limiter")


def test_a_refused_change_is_a_warning_in_the_log_of_its_service(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.toml").write_text(toml("logged"))
    with EngineThread(folder, level=ValidationLevel.STRICT):
        (folder / "a.toml").write_text(toml("logged", min_version="TLSv1.0"))
        eventually_blocking(lambda: lines(caplog, "service.logged"))
    (record,) = [record for record in caplog.records if record.name == "service.logged"]
    assert record.levelno == logging.WARNING
    assert "policy logged: a.toml refused; SEC003 security.tls.min_version" in record.getMessage()
    assert record.getMessage().endswith("revision 1 stays in force")


def test_where_no_logging_is_set_up_nothing_is_written(folder: Path) -> None:
    """Python would write warnings to standard error, in the middle of whatever is there."""
    monitor = Monitor()
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        monitor.alert(PolicyEvent(EventType.REJECTED, path="a.toml"))
        assert not monitor._reporter._alerts
        assert not monitor._reporter._running
    finally:
        root.handlers = handlers


async def test_degraded_is_an_alert_unless_every_policy_has_them_off(make: Make) -> None:
    alerts: list[PolicyEvent] = []
    monitor = make(alert=alerts.append)
    degraded = PolicyEvent(EventType.DEGRADED, message="gone")
    monitor.alert(degraded)
    await follow(monitor, None, policy(alerts_enabled=False))
    monitor.alert(degraded)
    await follow(monitor, None, policy("n"))
    monitor.alert(degraded)
    end(monitor)
    assert len(alerts) == 2


def test_an_engine_that_ends_though_nobody_asked_is_an_alert(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise LookupError("a mistake")

    alerts: list[PolicyEvent] = []
    monitor = Monitor(alert=alerts.append)
    with EngineThread(folder, targets=[monitor]) as engine:
        monkeypatch.setattr(engine._engine, "_take", fail)
        (folder / "a.toml").write_text(toml())
        eventually_blocking(lambda: len(alerts) == 1)
    assert alert_line(alerts[0]) == (
        "policies stay as they are, whatever their files say; the engine has ended: a mistake"
    )
    assert len(alerts) == 1
    eventually_blocking(lambda: not monitor._reporter._running)
    with EngineThread(folder, targets=[Monitor(alert=alerts.append)]):
        pass
    assert len(alerts) == 1


def test_a_target_that_cannot_take_an_alert_stops_nothing(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Deaf(Monitor):
        def alert(self, event: PolicyEvent) -> None:
            raise LookupError("deaf")

    alerts: list[PolicyEvent] = []
    (folder / "a.toml").write_text(NOT_WELL_FORMED)
    targets = [Deaf(), Monitor(alert=alerts.append)]
    with EngineThread(folder, targets=targets), EngineThread(folder) as other:
        assert other.alive
        eventually_blocking(lambda: len(alerts) == 1)
    assert "a target could not take an alert" in caplog.text


def test_requests_through_a_running_engine_are_measured(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, registry = folder / "a.toml", CollectorRegistry()
    file.write_text(toml("asked"))
    monitor = Monitor(registry=registry)
    with EngineThread(folder, targets=[monitor, RateLimiter()]) as engine:
        guard = engine.guard("asked")
        guard.check(Request())
        assert counted(registry) == {"asked": 1}
        file.write_text(toml("asked") + OFF)
        eventually_blocking(lambda: counted(registry) == {})
        guard.check(Request())
        file.write_text(toml("asked"))
        eventually_blocking(lambda: counted(registry) == {"asked": 1})
    eventually_blocking(lambda: lines(caplog, "service.asked"))
    assert service_logger("asked").level == logging.INFO
