"""How long a save takes to the page of the notebook view: JupyterLab and Chromium, as a user has them.

    python benchmarks/save_to_page.py [--saves 50] [--policies 6]

A policy is saved again and again, as an editor does it; the page notes the moment at which
its row shows the new revision. Once while the kernel rests, once while a cell sleeps, once
while a cell computes. Everything runs on loopback. Needs the ``test`` extra and Debian's chromium.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policyconsole.demonstration.saving import change
from tests.notebook.jupyter import BUSY, CHROMIUM, NO_CHROMIUM, browsing, opened, run_all, serving
from tests.waiting import eventually_blocking

SAMPLES = Path(__file__).resolve().parents[1] / "sample_policies"
POLICY, FILE = "production-security-policy", "production.toml"
CONSOLE = """\
from policyconsole import PolicyConsole
console = PolicyConsole("policies")
console"""
MODES = {
    "the kernel rests": "pass",
    "a cell sleeps": "import time\nfrom pathlib import Path\nwhile not Path('stop').exists():\n    time.sleep(0.1)",
    "a cell computes": "from pathlib import Path\nwhile not Path('stop').exists():\n    sum(range(100_000))",
}
NOTE = """(policy) => {
    window.shown = {};
    const look = () => {
        for (const row of document.querySelectorAll(".pc-row")) {
            if (!row.textContent.includes(policy)) continue;
            const revision = row.cells[3].textContent;
            window.shown[revision] ??= performance.timeOrigin + performance.now();
        }
    };
    const options = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(document.querySelector(".policy-console"), options);
    look();
}"""
"""Notes when each revision is first in the row; the browser's clock is this machine's."""


def measured(saves: int, policies: int, cell: str) -> list[float]:
    """Give the milliseconds from each save to the row that shows it."""
    asked: list[str] = []
    with tempfile.TemporaryDirectory() as name, serving("lab", Path(name)) as server:
        folder = server.root / "policies"
        shutil.copytree(SAMPLES, folder)
        for number in range(policies - len(list(SAMPLES.iterdir()))):
            text = (SAMPLES / "staging.toml").read_text("utf-8")
            text = text.replace('id = "staging-security-policy"', f'id = "other-{number:05}"')
            (folder / f"z{number:05}.toml").write_text(text, encoding="utf-8")
        server.write("measure.ipynb", CONSOLE, cell)
        with browsing() as browser:
            page = opened(browser, server.url("lab/tree/measure.ipynb"), asked)
            run_all(page)
            page.locator(".pc-row", has_text=POLICY).first.wait_for(timeout=BUSY * 1000)
            page.evaluate(NOTE, POLICY)
            saved = {}
            for number in range(saves):
                time.sleep(random.uniform(0.3, 0.5))
                saved[str(number + 2)] = time.time() * 1000
                change(folder / FILE, "burst_size", str(100 + number))
            last = str(saves + 1)
            eventually_blocking(lambda: page.evaluate("(last) => last in window.shown", last), BUSY)
            shown = page.evaluate("() => window.shown")
            (server.root / "stop").touch()
            page.close()
    return [shown[revision] - moment for revision, moment in saved.items() if revision in shown]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--saves", type=int, default=50)
    parser.add_argument("--policies", type=int, default=6)
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit(NO_CHROMIUM)
    print(f"{options.saves} saves, {options.policies} policies; save to page in ms")
    for mode, cell in MODES.items():
        times = sorted(measured(options.saves, options.policies, cell))
        p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
        print(
            f"{mode:18} p50 {statistics.median(times):6.1f}  p99 {p99:6.1f}"
            f"  max {times[-1]:6.1f}  seen {len(times)} of {options.saves}"
        )


if __name__ == "__main__":
    main()
