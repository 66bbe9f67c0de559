"""Make the pictures of the documentation: ``python docs/screenshots.py``.

The terminal app runs on a copy of the sample policies while they are edited: one after
the other comes into force, and the last is refused. ``--check`` makes them too, but writes
none: it ends with 1 where the ones that are there say anything else, times and numbers aside.
"""

import argparse
import asyncio
import contextlib
import html
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from textual.pilot import Pilot

from policyconsole import EngineThread, ValidationLevel
from policyconsole.application.request import Request
from policyconsole.demonstration.samples import copy_samples
from policyconsole.tui.app import PolicyConsoleApp

PICTURES_FOLDER = Path(__file__).resolve().parent / "pictures"
WIDE, NARROW = (120, 36), (80, 24)
EDITS = (
    *(
        ("staging.toml", f"requests_per_minute = {rate}", f"requests_per_minute = {rate - 10}")
        for rate in range(900, 600, -10)
    ),
    ("internal-tool.toml", 'log_level = "info"', 'log_level = "debug"'),
    ("production.toml", "interval_seconds = 30", "interval_seconds = 45"),
    ("production.toml", 'min_version = "TLSv1.3"', 'min_version = "TLSv1.0"'),
)
PICTURES: dict[str, tuple[tuple[int, int], Sequence[str]]] = {
    "terminal": (WIDE, ("n",)),
    "source": (WIDE, ("n", "5")),
    "diff": (WIDE, ("n", "6")),
    "effective": (WIDE, ("n", "7")),
    "history": (WIDE, ("n", "8")),
    "histogram": (WIDE, ("3", "L")),
    "guards": (WIDE, ("9",)),
    "help": (WIDE, ("question_mark",)),
    "narrow": (NARROW, ("n", "enter")),
}
"""By its name, the size of a picture and the keys that lead to what it shows."""


async def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds, at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the app did not come to show what the picture is of")
        await asyncio.sleep(0.02)


def edit(folder: Path, engine: EngineThread) -> None:
    """Make the edits, each when the one before has been told of, and ask a guard."""
    for name, old, new in EDITS:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{name} does not say {old}: mend the edits of this script")
        with engine.subscribe() as events:
            file.write_text(text.replace(old, new, 1), encoding="utf-8")
            while not events.drain():
                time.sleep(0.02)
    guard = engine.guard("api-gateway-policy")
    for number in range(600):
        query = "id=1 OR 1=1" if number % 200 == 0 else ""
        guard.check(Request(client="192.0.2.1", path="/v1/orders", query=query))


@contextlib.asynccontextmanager
async def shown(
    engine: EngineThread, size: tuple[int, int]
) -> AsyncIterator[tuple[PolicyConsoleApp, Pilot[int]]]:
    """Run the app on an engine that runs already."""
    app = PolicyConsoleApp(engine)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await until(lambda: len(app.screen.query("PolicyList")) == 1)
        yield app, pilot


async def rest(app: PolicyConsoleApp, pilot: Pilot[int], expected: set[str] | None) -> str:
    """Give the picture when it says what is expected, or nothing on it has moved for long enough.

    On a busy machine it may stand still before it is complete: five seconds, then, where
    something else is expected.
    """
    enough = 0.2 if expected is None else 5.0
    before, since = list[str](), time.monotonic()
    while True:
        await pilot.pause(0.02)
        svg = app.export_screenshot(title="policy-console sample_policies/ --level strict")
        now = said(svg)
        if now != before:
            before, since = now, time.monotonic()
        if set(now) == expected or time.monotonic() - since > enough:
            return svg


async def picture(
    size: tuple[int, int], keys: Sequence[str], expected: set[str] | None = None
) -> str:
    """Run the app on the sample policies in the current folder through the edits; give its SVG."""
    folder = Path("sample_policies")
    copy_samples(folder)
    engine = EngineThread(folder, level=ValidationLevel.STRICT, state_dir="state")
    async with shown(engine, size) as (app, pilot):
        await until(lambda: engine.snapshot().watch == "watching")
        await asyncio.to_thread(edit, folder, engine)
        await pilot.pause(0.3)
        await pilot.press(*keys)
        return await rest(app, pilot, expected)


def without_font(svg: str) -> str:
    """Ask no other host for a font: whatever is monospaced will do."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


def said(svg: str) -> list[str]:
    """Give what a picture says: its texts in their order, without numbers and bars."""
    texts = (html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    words = (re.sub(r"[\d.,:%]+[smhd]?|[▁▂▃▄▅▆▇█▏-]+|✓ met|✖ missed", " ", text) for text in texts)
    return [kept for word in words if (kept := " ".join(word.split()))]


def main() -> int:
    """Write the pictures, or compare them; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write none, and say which are stale")
    check = parser.parse_args().check
    stale = []
    for title, wanted in PICTURES.items():
        path = PICTURES_FOLDER / f"{title}.svg"
        expected = set(said(path.read_text("utf-8"))) if check and path.exists() else None
        with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
            svg = asyncio.run(picture(*wanted, expected))
        if not check:
            path.write_text(without_font(svg), encoding="utf-8")
        elif set(said(svg)) != expected:
            stale.append(path.name)
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}: python docs/screenshots.py makes them anew\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
