"""A service under load, whose policy file changes 200 times in 10 seconds."""

from pathlib import Path

import pytest

from tests.guarded.answers import PROBES
from tests.guarded.load import CONNECTIONS, REWRITES, disturbed, first_policy
from tests.guarded.serving import served


@pytest.mark.slow
async def test_no_request_notices_that_the_policy_is_reloaded(folder: Path) -> None:
    """No connection breaks (it would raise), and every answer is that of a policy of its time."""
    file = folder / "guarded.toml"
    load = first_policy(file)
    with served(folder) as port:
        await disturbed(port, load, file, seconds=10)
    assert load.wrong() == []
    assert load.seconds >= 10
    assert len(load.answers) > CONNECTIONS * len(PROBES)
    numbers = [spell.number for spell in load.spells]
    assert (load.refusals, numbers.count(None)) == (96, 10)
    assert load.refusals + len(numbers) - 1 - numbers.count(None) == REWRITES
