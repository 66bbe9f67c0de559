"""What several test folders share."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from policyconsole.watching.hints import WatcherKind

# Neither limits the wall clock: what takes long on a busy machine is no failure.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# The commands keep histories: never among those of whoever runs the tests.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="policy-console-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

KINDS = [WatcherKind.INOTIFY, WatcherKind.WATCHFILES, WatcherKind.POLL]


@pytest.fixture(params=KINDS, ids=[kind.value for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> WatcherKind:
    """Every source of hints in turn."""
    chosen: WatcherKind = request.param
    if chosen is WatcherKind.INOTIFY and sys.platform != "linux":
        pytest.skip("inotify is there on Linux only")
    return chosen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to watch, apart from whatever else a test writes."""
    policies = tmp_path / "policies"
    policies.mkdir()
    return policies
