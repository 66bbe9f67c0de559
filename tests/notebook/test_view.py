"""The page's half: what its store makes of messages (run by node), and what it must not do."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policyconsole import notebook
from policyconsole.dashboard import AGE_UNITS, age
from policyconsole.notebook.payload import EVENTS_SHOWN

FOLDER = Path(notebook.__file__).parent
SCRIPT = (FOLDER / "view.js").read_text(encoding="utf-8")
STYLE = (FOLDER / "view.css").read_text(encoding="utf-8")
NODE = shutil.which("node")


def run(tmp_path: Path, script: str) -> object:
    """Run JavaScript beside view.js and give what it leaves in ``result``."""
    if NODE is None:
        pytest.skip("node is not installed")
    (tmp_path / "view.mjs").write_text(SCRIPT, encoding="utf-8")
    test = tmp_path / "test.mjs"
    test.write_text(
        'import { createStore, age, mostPressing } from "./view.mjs";\n'
        f"{script}\nconsole.log(JSON.stringify(result));\n",
        encoding="utf-8",
    )
    done = subprocess.run([NODE, str(test)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


MESSAGES = """
const row = (key, status = "live") => ({ key, status, name: key });
const whole = (number, rows, seen = 0) =>
  ({ type: "snapshot", number, now: 0, rows, gone: [], events: [], events_seen: seen, header: {} });
const delta = (number, rows, more = {}) =>
  ({ type: "delta", number, now: 0, rows, gone: [], events: [], events_seen: 0, ...more });
let hellos = 0;
let time = 0;
const store = createStore(() => { hellos += 1; }, () => time);
const names = () => store.state.keys.join(" ");
"""


def test_deltas_change_what_they_name(tmp_path: Path) -> None:
    script = (
        MESSAGES
        + """
    store.take(whole(3, [row("b"), row("a")]));
    store.take(delta(4, [row("c"), row("a", "refused")]));
    store.take(delta(5, [], { gone: ["b"] }));
    const result = [names(), store.state.rows.get("a").status, hellos];
    """
    )
    assert run(tmp_path, script) == ["a c", "refused", 0]


def test_a_delta_that_is_known_already_changes_nothing(tmp_path: Path) -> None:
    script = (
        MESSAGES
        + """
    store.take(whole(7, [row("a", "live")]));
    store.take(delta(7, [row("a", "refused")]));
    const result = [store.state.rows.get("a").status, store.state.number];
    """
    )
    assert run(tmp_path, script) == ["live", 7]


def test_a_gap_asks_once_and_goes_on_with_what_came(tmp_path: Path) -> None:
    script = (
        MESSAGES
        + """
    store.take(whole(1, [row("a")]));
    store.take(delta(3, [row("c")]));
    store.take(delta(4, [row("d")]));
    const before = [names(), hellos];
    time = 5000;
    store.take(delta(5, []));
    const again = hellos;
    store.take(whole(5, [row("a"), row("b"), row("c"), row("d")]));
    store.take(delta(6, []));
    const result = [before, again, names(), hellos, store.state.epoch];
    """
    )
    assert run(tmp_path, script) == [["a c d", 1], 2, "a b c d", 2, 1]


def test_the_newest_events_are_kept(tmp_path: Path) -> None:
    script = (
        MESSAGES
        + """
    store.take(whole(0, []));
    for (let n = 1; n <= 30; n += 1) {
      const events = Array.from({ length: 50 }, (_, i) => ({ word: String(n * 50 + i) }));
      store.take(delta(n, [], { events, events_seen: n * 50 }));
    }
    const result = [store.state.events.length, store.state.events.at(-1).word, store.state.eventsSeen];
    """
    )
    assert run(tmp_path, script) == [EVENTS_SHOWN, "1549", 1500]


def test_a_frozen_picture_stays(tmp_path: Path) -> None:
    script = (
        MESSAGES
        + """
    store.take(whole(0, [row("a")]));
    const picture = store.frozen();
    store.take(delta(1, [row("a", "refused"), row("b")], { events_seen: 2 }));
    const result = [picture.rows.get("a").status, picture.keys, store.state.eventsSeen - picture.eventsSeen];
    """
    )
    assert run(tmp_path, script) == ["live", ["a"], 2]


def test_the_policy_shown_first_is_one_that_asks_for_a_look(tmp_path: Path) -> None:
    script = (
        MESSAGES
        + """
    const result = [mostPressing(store.state)];
    store.take(whole(0, [row("a"), row("b", "warnings"), row("c", "failed")]));
    result.push(mostPressing(store.state));
    store.take(delta(1, [], { gone: ["c"] }));
    result.push(mostPressing(store.state));
    store.take(delta(2, [], { gone: ["b"] }));
    result.push(mostPressing(store.state));
    """
    )
    assert run(tmp_path, script) == [None, "c", "b", "a"]


def test_the_page_says_ages_as_the_dashboard_does(tmp_path: Path) -> None:
    seconds = [-5, 0, 0.9, 1, 59, 60, 61, 3599, 3600, 86399, 86400, 200000]
    moments = json.dumps([value * 1000 for value in seconds])
    script = f"""
    const units = {json.dumps(AGE_UNITS)};
    const result = {moments}.map((now) => age(0, now, units));
    """
    start = datetime(2026, 11, 23, tzinfo=UTC)
    assert run(tmp_path, script) == [age(start, start + timedelta(seconds=s)) for s in seconds]


@pytest.mark.parametrize(
    "forbidden",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "://",
        "import(",
        "fetch(",
    ],
)
def test_the_page_parses_no_markup_and_fetches_nothing(forbidden: str) -> None:
    assert forbidden not in SCRIPT


@pytest.mark.parametrize("forbidden", ["url(", "@import", "://"])
def test_the_style_fetches_nothing(forbidden: str) -> None:
    assert forbidden not in STYLE
