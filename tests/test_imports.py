"""What is loaded when: start-up counts, and a face is loaded only where one is shown."""

import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import policyconsole
from tests import policies
from tests.cli.processes import environment

FACES = ("textual", "rich", "ipywidgets", "anywidget", "IPython")

ON_REQUEST = ("prometheus_client", "structlog")
"""What only those load who ask for metrics or a log."""

REPORT_AT_EXIT = """
import atexit, sys
modules = sys.argv.pop()

@atexit.register
def report():
    with open(modules, "w") as file:
        file.write("\\n".join(sys.modules))
"""

RUN_PROGRAM = REPORT_AT_EXIT + "from policyconsole.cli.main import main\nsys.exit(main())\n"


def loaded_by(code: str, *arguments: str, into: Path) -> set[str]:
    """Run code in a fresh process to its end, and give the names of all modules loaded."""
    subprocess.run(
        [sys.executable, "-c", code, *arguments, str(into)],
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return set(into.read_text().splitlines())


def faces(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in FACES}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir()
    (made / "refused.toml").write_text(policies.REFUSED_AT_STRICT)
    (made / "typed.yaml").write_text("id: 1\nname: b\nversion: 1.0.0\n")
    (made / "broken.json").write_text('{"id": ')
    return made


def test_importing_the_package_loads_next_to_nothing(tmp_path: Path) -> None:
    modules = loaded_by(REPORT_AT_EXIT + "import policyconsole", into=tmp_path / "modules")
    assert {name for name in modules if name.startswith("policyconsole")} == {"policyconsole"}
    assert not modules & {"pydantic", "asyncio", *FACES}


def test_the_public_names_load_no_face(tmp_path: Path) -> None:
    code = REPORT_AT_EXIT + "from policyconsole import *\nPolicyApplicationEngine, EngineThread"
    modules = loaded_by(code, into=tmp_path / "modules")
    assert "policyconsole.engine" in modules
    assert not faces(modules)
    assert not modules.intersection(ON_REQUEST)


@pytest.mark.parametrize("format_name", ["text", "json", "sarif", "github", "junit"])
def test_check_loads_no_face_and_no_event_loop(folder: Path, format_name: str) -> None:
    arguments = ("check", "--level", "custom", "--format", format_name, str(folder))
    modules = loaded_by(RUN_PROGRAM, *arguments, into=folder.parent / "modules")
    assert "policyconsole.cli.check" in modules
    assert not modules.intersection({"sqlite3", "platformdirs"}), "what only a history needs"
    assert not faces(modules)
    assert not modules.intersection(ON_REQUEST)
    assert "asyncio" not in modules
    assert "pydantic_settings" not in modules, "nothing configures it"


@pytest.mark.parametrize("format_name", ["text", "jsonl"])
def test_watch_loads_no_face(folder: Path, format_name: str) -> None:
    into = folder.parent / "modules"
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", RUN_PROGRAM, "watch", "--level", "custom"),
            *("--format", format_name, str(folder), str(into)),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        assert process.stdout is not None
        assert any("started" in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    modules = set(into.read_text().splitlines())
    assert "policyconsole.engine" in modules
    assert not faces(modules)
    assert not modules.intersection(ON_REQUEST)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["check", "--help"], ["watch", "--help"], ["rule", "--help"]]
)
def test_help_loads_only_the_arguments(tmp_path: Path, arguments: list[str]) -> None:
    modules = loaded_by(RUN_PROGRAM, *arguments, into=tmp_path / "modules")
    assert not modules & {"pydantic", "asyncio", "policyconsole.engine", *FACES}


def test_every_public_name_is_there() -> None:
    for name in policyconsole.__all__:
        assert getattr(policyconsole, name).__name__ == name
    assert {*policyconsole.__all__, "PolicyConsole"} <= set(dir(policyconsole))
    assert not hasattr(policyconsole, "nothing_of_this_name")


def test_the_console_is_public_where_the_notebook_extra_is_installed() -> None:
    assert policyconsole.PolicyConsole.__name__ == "PolicyConsole"


@pytest.mark.parametrize("missing", ["ipywidgets", "anywidget", "IPython"])
def test_without_the_notebook_extra_the_console_says_how_to_get_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from policyconsole import PolicyConsole"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    last = result.stderr.splitlines()[-1]
    assert last == (
        f"ImportError: PolicyConsole needs {missing}: pip install 'policy-console[notebook]'"
    )


@pytest.mark.parametrize(("library", "face"), [("textual", "tui"), ("ipywidgets", "notebook")])
def test_the_import_contracts_forget_no_module(library: str, face: str) -> None:
    """A contract lists who may not import; what is new must be on the list."""
    package = Path(policyconsole.__file__).parent
    modules = {
        f"policyconsole.{entry.stem}"
        for entry in package.iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").exists()
    } - {"policyconsole.__init__", f"policyconsole.{face}"}
    settings = tomllib.loads((package.parent / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (listed,) = (
        set(contract["source_modules"])
        for contract in contracts
        if contract["type"] == "forbidden"
        and face in contract["name"]
        and library in contract["forbidden_modules"]
        and "check" not in contract["name"]
    )
    assert listed == modules
