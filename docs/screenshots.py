"""Make the pictures of the documentation: ``python docs/screenshots.py``.

The terminal app runs on a copy of the sample policies while they are edited: one after
the other comes into force, and the last is refused.
"""

import asyncio
import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from policyconsole import EngineThread, ValidationLevel
from policyconsole.tui.app import PolicyConsoleApp

HERE = Path(__file__).resolve().parent
SIZE = (120, 36)
EDITS = (
    *(
        ("staging.toml", f"requests_per_minute = {rate}", f"requests_per_minute = {rate - 10}")
        for rate in range(900, 600, -10)
    ),
    ("internal-tool.toml", 'log_level = "info"', 'log_level = "debug"'),
    ("production.toml", 'min_version = "TLSv1.3"', 'min_version = "TLSv1.0"'),
)


async def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds, at most ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the app did not come to show what the picture is of")
        await asyncio.sleep(0.02)


def seq(engine: EngineThread) -> int:
    """Give the number of the newest event."""
    return engine.snapshot().seq


async def picture(folder: Path) -> str:
    """Run the app on ``folder`` through the edits and give its picture as SVG."""
    engine = EngineThread(folder, level=ValidationLevel.STRICT)
    app = PolicyConsoleApp(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: engine.snapshot().watch == "watching")
        for name, old, new in EDITS:
            file = folder / name
            text = file.read_text(encoding="utf-8")
            if old not in text:
                raise ValueError(f"{name} does not say {old}: mend the edits of this script")
            told = seq(engine)
            file.write_text(text.replace(old, new, 1), encoding="utf-8")
            while seq(engine) == told:
                await pilot.pause(0.05)
        await pilot.pause(0.5)
        return app.export_screenshot(title="policy-console sample_policies/ --level strict")


def main() -> None:
    """Write ``terminal.svg`` beside this script."""
    samples = HERE.parent / "sample_policies"
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(samples.name)
        shutil.copytree(samples, folder)
        svg = asyncio.run(picture(folder))
    # The picture needs no font from another host: whatever is monospaced will do.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "monospace")
    (HERE / "terminal.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
