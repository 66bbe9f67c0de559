"""The notebooks run from top to bottom without a person, and are kept without their outputs."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EVERY_NOTEBOOK = pytest.mark.parametrize(
    "path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name
)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS.joinpath("01_explore_policies.ipynb").is_file()


@EVERY_NOTEBOOK
def test_is_kept_without_what_running_it_leaves(path: Path) -> None:
    notebook = read(path)

    nbformat.validate(notebook)
    assert [cell.outputs for cell in code_cells(path) if cell.outputs] == []
    assert {cell.execution_count for cell in code_cells(path)} == {None}
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"


@EVERY_NOTEBOOK
def test_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "/tmp/" not in text
    assert "/home/" not in text
    assert "/Users/" not in text


def shown(outputs: list[Any]) -> str:
    """Give the text of the one thing that a cell shows."""
    [output] = outputs
    return str(output.data["text/plain"])


@pytest.mark.slow
def test_explore_policies_runs_from_top_to_bottom() -> None:
    notebook = read(NOTEBOOKS / "01_explore_policies.ipynb")
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )

    client.execute()

    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    printed = {
        name: "".join(output.get("text", "") for output in given) for name, given in outputs.items()
    }
    assert "production-security-policy" in shown(outputs["load-folder"])
    assert "line 24" in outputs["values"][0].data["text/html"]
    assert "checkout-policy: refused at strict, 1 error" in printed["draft"]
    assert '  6 | min_version = "TLSv1.0"' in shown(outputs["report"])
    assert "TLSv1.3" in shown(outputs["look"])
    assert "Source:  RFC 8996." in shown(outputs["explain-rule"])
    assert "TLSv1.3" in shown(outputs["diff"])
    assert "staging-security-policy" in shown(outputs["validate-all"])
    [what_if] = outputs["what-if"]
    assert "would be refused at strict" in what_if.data["text/html"]
    assert "TYPE001 high line 9:20 monitoring.interval_seconds" in shown(outputs["load-error"])
    assert "revision 1 in force: TLSv1.3" in printed["refuse"]
    assert "custom.api_token: None -> ***" in printed["apply"]
    [live] = outputs["console"]
    assert "application/vnd.jupyter.widget-view+json" in live.data
    assert "production-security-policy" in live.data["text/html"]
    [final] = outputs["close"]
    assert "stopped" in final.data["text/html"]
    assert "not-for-anyones-eyes" not in str(
        [given for name, given in outputs.items() if name != "apply"]
    )
    assert [
        output for given in outputs.values() for output in given if output.output_type == "error"
    ] == []


def executed(name: str) -> Any:
    """Run a notebook from top to bottom and give it with its outputs."""
    notebook = read(NOTEBOOKS / name)
    NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    ).execute()
    return notebook


def by_cell(notebook: Any) -> dict[str, Any]:
    """Give the outputs of the cells by their ids."""
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def printed(outputs: list[Any]) -> str:
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.slow
def test_live_hot_reload_runs_from_top_to_bottom() -> None:
    notebook = executed("02_live_hot_reload.ipynb")
    outputs = by_cell(notebook)
    assert "rejected production-security-policy r2 SEC003" in printed(outputs["bad"])
    assert "rolled_back production-security-policy r4" in printed(outputs["rollback"])
    [guards] = outputs["requests"]
    assert "api-gateway-policy" in guards.data["text/html"]
    [history] = outputs["history"]
    assert "SEC003" in history.data["text/html"]
    [final] = outputs["close"]
    assert "production-security-policy" in final.data["text/html"]
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]  # nbconvert has no types
    page, _ = exporter.from_notebook_node(notebook)
    assert page.count('<div class="policy-console-picture">') == 2, "readable without a kernel"
    assert "widget-view" not in page


@pytest.mark.slow
def test_measure_latency_runs_from_top_to_bottom() -> None:
    outputs = by_cell(executed("03_measure_latency.ipynb"))
    [table] = outputs["saves"]
    assert "total" in table.data["text/plain"]
    for name in ("histogram", "timeline", "validate"):
        [plot] = outputs[name]
        assert plot.data["image/svg+xml"].startswith("<svg")
    assert "refused for ['SEC003']" in printed(outputs["refused"])


@pytest.mark.slow
def test_guard_a_service_runs_from_top_to_bottom() -> None:
    notebook = read(NOTEBOOKS / "04_guard_a_service.ipynb")
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    printed = {
        cell.id: "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert [line.split()[0] for line in printed["ask"].splitlines()] == ["200", "413", "400"]
    assert printed["reload"].startswith("applied: revision 2")
    assert printed["reload"].rstrip().endswith("429]")
    assert printed["refused"].startswith("rejected: ")
    assert "6 requests a minute" in printed["refused"]
    assert "too_many_requests" in printed["counts"]
    assert printed["end"] == "engine alive: False\n"
