"""What ``.pre-commit-hooks.yaml`` offers to other repositories."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.processes import run
from tests.policies import REFUSED_AT_STRICT, toml

ROOT = Path(__file__).parents[1]
HOOK: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("policies/a.toml", True),
        ("services/pay/policies/eu/a.b.yaml", True),
        ("policies/a.yml", True),
        ("policies/a.json", True),
        ("pyproject.toml", False),
        ("policies.toml", False),
        ("my-policies/a.toml", False),
        ("policies/.policy.schema.json", False),
        ("policies/.cache/a.json", False),
        ("policies/a.toml.bak", False),
        ("policies/README.md", False),
        ("policies/policy-console.toml", False),
        ("pay/policies/pyproject.toml", False),
        ("policies/node_modules/a/package.json", False),
        ("policies/~a.toml", False),
        ("policies/#a.toml", False),
    ],
)
def test_it_is_for_policies_and_for_nothing_else(path: str, meant: bool) -> None:
    taken = re.search(HOOK["files"], path) and not re.search(HOOK["exclude"], path)
    assert bool(taken) is meant


def test_what_it_runs_refuses_what_the_level_refuses(tmp_path: Path) -> None:
    program, command = HOOK["entry"].split()
    assert program == "policy-console"
    (tmp_path / "good.toml").write_text(toml("good"))
    (tmp_path / "old.toml").write_text(REFUSED_AT_STRICT)
    files = [tmp_path / "good.toml", tmp_path / "old.toml"]
    assert run(command, *files).returncode == 0
    assert run(command, "--level", "strict", *files).returncode == 1
