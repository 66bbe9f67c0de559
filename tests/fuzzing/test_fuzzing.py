"""A minute of fuzzing; more by ``python -m tests.fuzzing --minutes 30``."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from policyconsole.loading.formats import Format
from tests.fuzzing.mutations import Mutator
from tests.fuzzing.promises import check
from tests.loading.sources import SOURCES


def test_the_same_seed_gives_the_same_contents() -> None:
    one, other, third = Mutator(1), Mutator(1), Mutator(2)
    contents = [one.content() for _ in range(50)]
    assert contents == [other.content() for _ in range(50)]
    assert contents != [third.content() for _ in range(50)]


@pytest.mark.parametrize("form", Format)
def test_the_promises_tell_good_from_bad(form: Format) -> None:
    assert check(SOURCES[form].encode(), form) == "loaded"
    assert check(SOURCES[form][:-3].encode() + b"\xff", form) == "FILE003"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_only_diagnostics_come_out_of_mutated_policies() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", "--minutes", "0.9", "--seed", "2026"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    counted = re.search(r'"contents": (\d+)', done.stdout)
    assert counted is not None
    assert int(counted[1]) > 1000
    assert '"loaded"' in done.stdout
