"""A running engine in figures."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from policyconsole import EngineThread, PolicyApplicationEngine, Request
from policyconsole.application.policy_set import PolicySet
from policyconsole.application.request import Decision
from policyconsole.application.tally import RequestCounts, RequestTally
from policyconsole.events import EventType, PolicyEvent, Subscription
from policyconsole.metrics.collector import EngineCollector
from policyconsole.metrics.tally import OUTCOMES
from policyconsole.snapshot import Verdict
from tests.metrics.scraping import collected, lint
from tests.policies import NOT_WELL_FORMED, toml
from tests.waiting import eventually, eventually_blocking


@contextmanager
def counted(folder: Path) -> Iterator[tuple[EngineThread, CollectorRegistry]]:
    engine, registry = EngineThread(folder), CollectorRegistry()
    with closing(EngineCollector(engine)) as collector:
        registry.register(collector)
        with engine:
            yield engine, registry


def test_an_engine_is_told_in_figures(folder: Path) -> None:
    (folder / "a.toml").write_text(toml())
    (folder / "b.toml").write_text(NOT_WELL_FORMED)
    with counted(folder) as (engine, registry):
        scrape = collected(registry)
        outcomes = {
            outcome.value: scrape.value("policy_console_reloads_total", outcome=outcome.value)
            for outcome in OUTCOMES
        }
        assert outcomes == dict.fromkeys(outcomes, 0.0) | {"applied": 1.0, "rejected": 1.0}
        assert scrape.value("policy_console_policies_in_force") == 1
        assert scrape.value("policy_console_files_refused") == 1
        assert scrape.value("policy_console_last_reload_successful") == 0
        applied = engine.policies["a-policy"].since.timestamp()
        at = scrape.value("policy_console_last_reload_success_timestamp_seconds")
        assert applied <= at <= applied + 20
        assert scrape.value("policy_console_watch_state", state="watching") == 1
        assert scrape.value("policy_console_watch_state", state="degraded") == 0
        stage = "policy_console_stage_duration_seconds"
        assert scrape.value(f"{stage}_count", stage="load") == 2
        assert scrape.value(f"{stage}_bucket", stage="load", le="+Inf") == 2
        assert 0 < scrape.value(f"{stage}_sum", stage="load") < 20
        (folder / "b.toml").write_text(toml("b-policy"))
        reloads = "policy_console_reloads_total"
        eventually_blocking(lambda: collected(registry).value(reloads, outcome="applied") == 2)
        scrape = collected(registry)
        assert scrape.value("policy_console_files_refused") == 0
        assert scrape.value("policy_console_last_reload_successful") == 1
        assert scrape.value(f"{stage}_count", stage="total") == 1
        (folder / "a.toml").unlink()
        eventually_blocking(lambda: collected(registry).value(reloads, outcome="removed") == 1)
        assert collected(registry).value("policy_console_policies_in_force") == 1
    scrape = collected(registry)
    assert scrape.value("policy_console_watch_state", state="stopped") == 1
    build = scrape.labels("policy_console_build_info")
    assert [set(labels) for labels in build] == [{"version", "python_version"}]


def test_guards_answers_are_the_only_figures_by_policy(folder: Path) -> None:
    for number in range(30):
        (folder / f"{number}.toml").write_text(toml(f"policy-{number}"))
    with counted(folder) as (engine, registry):
        before = sum(len(family.samples) for family in collected(registry).families.values())
        engine.guard("policy-3").check(Request())
        engine.guard("policy-3").check(Request(query="a=%27 or 1=1"))
        engine.guard("unknown").check(Request())
        scrape = collected(registry)
        after = sum(len(family.samples) for family in scrape.families.values())
    name = "policy_console_guard_answers_total"
    assert scrape.value(name, policy="policy-3", answer="allowed") == 1
    assert scrape.value(name, policy="policy-3", answer="bad_input") == 1
    assert after - before == 2


async def test_an_engine_on_a_loop_is_counted_too(folder: Path) -> None:
    (folder / "a.toml").write_text(toml())
    engine, registry = PolicyApplicationEngine(folder), CollectorRegistry()
    with closing(EngineCollector(engine)) as collector:
        registry.register(collector)
        async with engine:
            (folder / "a.toml").write_text(toml(log_level="warn"))
            name = "policy_console_reloads_total"
            await eventually(lambda: collected(registry).value(name, outcome="applied") == 2)


class Busy:
    """Stands for an engine that is in the middle of something, and has any policies."""

    def __init__(self, tally: RequestTally) -> None:
        self.policies = PolicySet()
        self._tally = tally
        self.attached: Subscription | None = None

    @property
    def requests(self) -> dict[str, RequestCounts]:
        return self._tally.counts()

    def files_with(self, verdict: Verdict) -> int:
        return 0

    def attach(self, subscription: Subscription) -> None:
        self.attached = subscription

    def detach(self, subscription: Subscription) -> None:
        self.attached = None


def test_ids_may_be_any_text_and_figures_are_well_named() -> None:
    tally = RequestTally()
    ids = ['quo"te', "new\nline", "back\\slash", "caf\xe9", "\udce9", "\x1b[31m"]
    for policy_id in ids:
        tally.observe(policy_id, 1, Request(), Decision(True, ""), 0.0)
    registry = CollectorRegistry()
    queue = Subscription(length=1)
    queue.push(PolicyEvent(EventType.APPLIED))
    queue.push(PolicyEvent(EventType.APPLIED))
    engine = Busy(tally)
    collector = EngineCollector(engine, {"output": queue})
    registry.register(collector)
    scrape = collected(registry)
    said = {labels["policy"] for labels in scrape.labels("policy_console_guard_answers_total")}
    assert said == {*ids, "\\udce9"} - {"\udce9"}
    assert scrape.value("policy_console_queue_events", queue="output") == 1
    assert scrape.value("policy_console_queue_missed_events_total", queue="output") == 1
    assert len(scrape.families) == 11
    assert lint(scrape) == []
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        registry.register(EngineCollector(engine))
    collector.close()
    assert engine.attached is None


def test_counting_goes_on_while_somebody_is_collecting() -> None:
    """To collect takes no lock that to count needs."""
    engine = Busy(RequestTally())
    collector = EngineCollector(engine)
    assert engine.attached is not None
    engine.attached.push(PolicyEvent(EventType.APPLIED))
    under_way = iter(collector.collect())
    next(under_way)
    counting = threading.Thread(
        target=engine.attached.push, args=(PolicyEvent(EventType.REJECTED),), daemon=True
    )
    counting.start()
    counting.join(20)
    assert not counting.is_alive()
    assert list(under_way)
