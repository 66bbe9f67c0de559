"""No content costs more than a second of processor time, or more than little memory.

Each case once took seconds, gigabytes or both, or is of a kind that could.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.events import EventType, PolicyEvent
from policyconsole.judging import judge, warm_up
from policyconsole.loading.formats import Format
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from tests.loading.sources import TOML, YAML
from tests.loading.test_hostile import DEEP_YAML, HUGE, MEGABYTE, TEN

SECONDS = 1.0
"""Processor time that one content may take until all that is to be said of it is written out."""

BEYOND = 250
"""Megabytes that one content may take, itself among them, beyond what the modules take."""

JSON = '{"id": "a", "name": "b", "version": "1", '


def _pairs(count: int) -> str:
    return ",".join(f'"k{number}":1' for number in range(count))


COSTLY: dict[str, tuple[Format, Callable[[], str]]] = {
    "json-twice-below-900-levels": (
        Format.JSON,
        lambda: '{"a":' * 900 + "{" + _pairs(90_000) + ',"k1":1}' + "}" * 900,
    ),
    "json-twice-below-62-levels": (
        Format.JSON,
        lambda: '{"a":' * 62 + "{" + _pairs(75_000) + ',"k1":1}' + "}" * 62,
    ),
    "json-not-a-number-after-many": (Format.JSON, lambda: "[" + "1," * 300_000 + "NaN]"),
    "json-deep-after-many": (Format.JSON, lambda: '{"x": [' + "1," * 300_000 + "[" * 3000),
    "json-many-below-a-long-key": (
        Format.JSON,
        lambda: JSON + '"' + "@" * (TEN // 2) + '": {' + _pairs(15_000) + "}}",
    ),
    "json-long-key": (Format.JSON, lambda: JSON + '"' + "@" * 3_900_000 + '": 1}'),
    "json-blank-lines": (Format.JSON, lambda: JSON + '"x": 1' + "\n" * 400_000 + "}"),
    "json-secrets": (Format.JSON, lambda: '{"secrets": [' + "1," * 200_000 + "}"),
    "yaml-merged-again-and-again": (
        Format.YAML,
        lambda: (
            "x: &x {"
            + ",".join(f"k{n}: 1" for n in range(9_000))
            + "}\n"
            + "".join(f"m{n}: {{<<: *x}}\n" for n in range(5_000))
        ),
    ),
    "yaml-merged-from-a-list": (
        Format.YAML,
        lambda: (
            "x: &x {a: 1}\nl: &l ["
            + "*x," * 9_000
            + "]\n"
            + "".join(f"m{n}: {{<<: *l}}\n" for n in range(7_000))
        ),
    ),
    "yaml-mappings": (
        Format.YAML,
        lambda: YAML + "x: 1\ncustom:\n" + "".join(f"  k{n}: {{a: 1}}\n" for n in range(9_900)),
    ),
    "yaml-long-values": (
        Format.YAML,
        lambda: YAML + "custom:\n" + "".join(f"  k{n}: {'x' * 500}\n" for n in range(19_000)),
    ),
    "yaml-long-key": (
        Format.YAML,
        lambda: YAML + '? "' + "@" * 3_900_000 + '"\n: 1\n',
    ),
    "yaml-many-below-a-long-key": (
        Format.YAML,
        lambda: YAML + '? "' + "@" * (TEN // 2) + '"\n: [' + ".nan," * 15_000 + "]\n",
    ),
    "yaml-long-key-twice": (
        Format.YAML,
        lambda: ('? "' + "@" * (TEN // 2 - 100) + '"\n: 1\n') * 2,
    ),
    "yaml-blank-lines": (Format.YAML, lambda: YAML + "x: 1\n" + "\n" * (TEN - 100)),
    "yaml-secret-block": (
        Format.YAML,
        lambda: YAML + "password: |\n" + "  x\n" * (TEN // 4 - 100),
    ),
    "toml-dotted-keys": (
        Format.TOML,
        lambda: TOML + "".join("custom." + "a." * 60 + f"k{n}=1\n" for n in range(5_000)) + "x=1\n",
    ),
    "toml-dotted-key-twice": (
        Format.TOML,
        lambda: "".join("b." + "a." * 60 + f"k{n}=1\n" for n in range(5_000)) + "c=1\nc=2\n",
    ),
    "toml-not-numbers": (Format.TOML, lambda: TOML + "custom.x = [" + "nan," * 19_000 + "]"),
    "toml-escapes": (Format.TOML, lambda: TOML + 'x = "' + "\\u00e9" * 300_000 + '"'),
    "toml-tables": (
        Format.TOML,
        lambda: TOML + "x = 1\n" + "".join(f"[custom.k{n}]\n" for n in range(19_000)),
    ),
    "toml-twice-before-what-is-none": (
        Format.TOML,
        lambda: "a = 1\na = 2\n" + "[" * 62 + "{a = " * 40_000,
    ),
    "toml-header-twice-before-what-is-none": (
        Format.TOML,
        lambda: "[a]\n[b]\n[a]\n" + "[" * 62 + "{a = " * 40_000,
    ),
    "toml-twice-in-a-long-table": (
        Format.TOML,
        lambda: (
            "x = {"
            + ",".join(f"k{n} = 1" for n in range(75_000))
            + ",k1 = 1}\n"
            + "[" * 62
            + "{a = " * 4_000
        ),
    ),
    "toml-twice-with-a-long-list": (
        Format.TOML,
        lambda: "a = 1\na = [" + "[1]," * 100_000 + "\n]\n" + "[" * 62 + "{a = " * 4_000,
    ),
    "toml-twice-after-many": (
        Format.TOML,
        lambda: "".join(f"k{n} = 1\n" for n in range(75_000)) + "k1 = 1\n",
    ),
}

ALL: dict[str, tuple[Format, Callable[[], str]]] = {
    **{f"deep {name}": (Format.YAML, text.__str__) for name, text in DEEP_YAML.items()},
    **{f"huge {name}": case for name, case in HUGE.items()},
    **COSTLY,
}


def measured() -> dict[str, tuple[float, int, int]]:
    """What each case costs this process: seconds, megabytes, and the longest message's characters."""
    rules = Ruleset(ValidationLevel.CUSTOM, "production")
    warm_up(rules)

    def seconds(content: bytes, form: Format) -> tuple[float, int]:
        begin = time.process_time()
        judgement = judge(content, form, rules, "")
        for item in judgement.diagnostics:
            diagnostic_lines("file", item, judgement.text, Paint(coloured=False))
        PolicyEvent(EventType.REJECTED, diagnostics=judgement.diagnostics).to_json()
        taken = time.process_time() - begin
        return taken, max((len(item.message) for item in judgement.diagnostics), default=0)

    found = {}
    for name, (form, text) in ALL.items():
        content = text().encode()
        before = _peak(reset=True)
        taken, longest = seconds(content, form)
        if taken > SECONDS:
            taken = min(taken, seconds(content, form)[0])  # the machine may have been busy
        found[name] = round(taken, 2), _peak() - before, longest
    return found


def _peak(*, reset: bool = False) -> int:
    """The most memory that was resident, in megabytes; from now on if ``reset``."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures and limits memory as Linux does")
def test_no_content_costs_more_than_a_second_and_little_memory() -> None:
    limit = 768 * MEGABYTE
    code = (
        f"import json, resource; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}));"
        "from tests.loading.test_bounds import measured; print(json.dumps(measured()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    costs: dict[str, list[float]] = json.loads(done.stdout)
    assert costs.keys() == ALL.keys()
    assert {name: cost for name, cost in costs.items() if cost[0] > SECONDS} == {}
    assert {name: cost for name, cost in costs.items() if cost[1] > BEYOND} == {}
    assert {name: cost for name, cost in costs.items() if cost[2] > 200} == {}
