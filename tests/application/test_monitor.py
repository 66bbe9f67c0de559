import logging

import pytest

from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.target import Transition
from policyconsole.application.targets.monitor import Monitor, service_logger
from policyconsole.policy import PolicyConfig


def policy(**monitoring: object) -> PolicyConfig:
    fields = {"id": "m", "name": "M", "version": "1.0.0", "monitoring": monitoring}
    return PolicyConfig.model_validate(fields)


def transition(old: PolicyConfig | None, new: PolicyConfig | None) -> Transition:
    return Transition("m", old, new, ("monitoring",))


@pytest.mark.parametrize(
    ("named", "level"),
    [
        ("debug", logging.DEBUG),
        ("info", logging.INFO),
        ("warn", logging.WARNING),
        ("error", logging.ERROR),
    ],
)
async def test_the_services_logger_follows_the_policy(named: str, level: int) -> None:
    await apply(transition(None, policy(log_level=named)), [Monitor()])
    assert service_logger("m").level == level


async def test_monitoring_off_and_a_retired_policy_leave_the_logger_to_its_parent() -> None:
    on = policy(log_level="error")
    for off in (policy(enabled=False, log_level="error"), None):
        await apply(transition(None, on), [Monitor()])
        await apply(transition(on, off), [Monitor()])
        assert service_logger("m").level == logging.NOTSET


async def test_a_service_can_bring_its_own_logger() -> None:
    own = logging.getLogger("a.service.of.its.own")
    await apply(transition(None, policy(log_level="debug")), [Monitor(lambda _: own)])
    assert own.level == logging.DEBUG


async def test_undo_puts_the_level_back() -> None:
    logger = service_logger("m")
    logger.setLevel(logging.ERROR)
    prepared = await Monitor().prepare(transition(None, policy(log_level="debug")))
    assert logger.level == logging.ERROR
    await prepared.commit()
    await prepared.undo()
    assert logger.level == logging.ERROR


async def test_what_a_logger_remembers_of_its_old_level_is_forgotten() -> None:
    """Loggers keep what they have worked out for a level; a new one has nothing to forget."""
    await apply(transition(None, policy(log_level="error")), [Monitor()])
    logger = service_logger("m")
    assert not logger.isEnabledFor(logging.DEBUG)
    await apply(transition(policy(log_level="error"), policy(log_level="debug")), [Monitor()])
    assert logger.isEnabledFor(logging.DEBUG)


async def test_a_logger_below_that_was_asked_first_follows_too() -> None:
    below = logging.getLogger("service.first-below.part")
    logging.getLogger("service").setLevel(logging.ERROR)
    try:
        assert not below.isEnabledFor(logging.DEBUG)
        change = Transition("first-below", None, policy(log_level="debug"), ("monitoring",))
        await apply(change, [Monitor()])
        assert below.isEnabledFor(logging.DEBUG)
    finally:
        logging.getLogger("service").setLevel(logging.NOTSET)


async def test_a_logger_that_cannot_be_given_is_a_refusal_before_anything_changes() -> None:
    def refuse(policy_id: str) -> logging.Logger:
        raise LookupError(f"no logger for {policy_id}")

    change = transition(None, policy(log_level="debug"))
    before = service_logger("m").level
    with pytest.raises(ApplyError, match="monitor failed to prepare: no logger for m"):
        await apply(change, [Monitor(), Monitor(refuse)])
    assert service_logger("m").level == before


@pytest.mark.parametrize("asked", ["service.asked-meanwhile", "service.asked-meanwhile.part"])
async def test_a_logger_that_is_asked_while_other_targets_prepare_forgets(asked: str) -> None:
    """It is made when the monitor prepares; whoever has it by then may ask it before the commit."""
    policy_id = f"asked-meanwhile-{asked.count('.')}"
    change = Transition(policy_id, None, policy(log_level="debug"), ("monitoring",))
    prepared = await Monitor().prepare(change)
    logger = logging.getLogger(asked.replace("asked-meanwhile", policy_id))
    assert not logger.isEnabledFor(logging.DEBUG)
    await prepared.commit()
    assert logger.isEnabledFor(logging.DEBUG)
