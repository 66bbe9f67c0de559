"""docs/guide.md names every command, pane and key, and what it shows runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rtoml
import yaml

from policyconsole.cli.arguments import COMMANDS
from policyconsole.configuration.model import KEYS
from policyconsole.tui.panes.detail import TABS
from policyconsole.watching.folder import find_policy_files

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = (DOCS / "guide.md").read_text("utf-8")
NOTEBOOK = (DOCS / "notebook.md").read_text("utf-8")
SAMPLES = DOCS.parent / "sample_policies"


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL)


def section(title: str) -> str:
    """Give the text below a heading up to the next one of its rank."""
    rank, _, _ = title.partition(" ")
    _, _, rest = GUIDE.partition(f"\n{title}\n")
    assert rest, title
    return re.split(rf"\n#{{1,{len(rank)}}} ", rest)[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_names_every_command(command: str) -> None:
    rows = [line for line in section("## Commands").splitlines() if line.startswith("| `")]
    assert any(re.search(rf"`{command}\b", row.partition(" | ")[0]) for row in rows)


def test_names_every_key_of_the_configuration_once() -> None:
    rows = [
        line.split(" | ")[1] for line in section("## Configuration").splitlines() if " | " in line
    ]
    named = re.findall(r"`([\w-]+)`", " ".join(rows))
    assert sorted(named) == sorted(KEYS)


PANES = {tab.title: tab.number for tab in TABS} | {
    "Policies": 1,
    "Events": 2,
    "Latency": 3,
    "Guards": 9,
}


@pytest.mark.parametrize(("title", "number"), PANES.items())
def test_shows_every_pane_with_its_key(title: str, number: int) -> None:
    headings = re.findall(r"^### (.*)$", GUIDE, re.MULTILINE)
    assert any(f"{number} {title}" in heading.split(", ") for heading in headings)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target, _, anchor in re.findall(r"\]\(([\w./-]+)(#([\w-]+))?\)", text):
        linked = page.parent / target
        assert linked.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.MULTILINE)
            slugs = {
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings
            }
            assert anchor in slugs, f"{target}#{anchor}"


def test_the_configmap_is_a_folder_that_is_valid_by_its_own_configuration(tmp_path: Path) -> None:
    config, deployment = yaml.safe_load_all(blocks(GUIDE, "yaml")[0])
    for name, text in config["data"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    rtoml.loads(config["data"]["policy-console.toml"])
    assert sorted(find_policy_files(str(tmp_path)).files) == ["shop.toml"]
    checked = subprocess.run(
        [sys.executable, "-m", "policyconsole", "check", str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert checked.stdout == "1 file checked at level custom: valid\n", checked.stderr
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }
    assert "subPath" not in str(container)


def test_the_engine_beside_a_service_begins(tmp_path: Path) -> None:
    [code] = blocks(section("### Beside a service"), "python")
    shutil.copytree(SAMPLES, tmp_path / "policies")
    code = code.replace('"/etc/policies"', repr(str(tmp_path / "policies")))
    code = code.replace('"/var/lib/policy-console"', repr(str(tmp_path / "state")))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert "production-security-policy" in ran.stdout, ran.stderr


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (block.split("ExecStart=")[1].splitlines()[0].split()[1:], "unit")
        for block in blocks(GUIDE, "ini")
    ]
    + [
        (yaml.safe_load(blocks(GUIDE, "yaml")[1])["services"]["policies"]["command"]
         .partition("exec policy-console ")[2].rstrip('"').split(), "container")
    ],
)  # fmt: skip
def test_the_options_of_what_is_started_are_known(words: list[str], command: str) -> None:
    """A wrong option is said before the folder, which is not there, is looked at."""
    ran = subprocess.run(
        [sys.executable, "-m", "policyconsole", *words[:-1], "/nowhere/at/all"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "/nowhere/at/all" in ran.stderr, ran.stderr


def test_what_the_notebook_page_shows_runs(tmp_path: Path) -> None:
    look, watch, use = blocks(NOTEBOOK, "python")
    shutil.copytree(SAMPLES, tmp_path / "policies")
    code = f"{look}\n{watch}\n{use}\nassert len(policies) == 6\nconsole.close()\n"
    code = code.replace(
        'environment="production")',
        f'environment="production", state_dir={str(tmp_path / "state")!r})',
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
