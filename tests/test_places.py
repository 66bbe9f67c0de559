"""Each diagnostic has its place, in characters and from 1; a policy without any pays nothing for it."""

from dataclasses import replace

import pytest

from policyconsole.diagnostics import Diagnostic, Kind, Place
from policyconsole.judging import judge
from policyconsole.loading import spans
from policyconsole.loading.formats import Format
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset

from .places import PLACES, Case
from .policies import toml

RULES = Ruleset(ValidationLevel.CUSTOM)
MARK = "\ufeff"


def unmarked(marked: str) -> tuple[str, Place | None]:
    """Take the marks out of a source; give it with the place of what stood between them."""
    if "⟦" not in marked:
        return marked, None
    before, _, rest = marked.partition("⟦")
    meant, _, after = rest.partition("⟧")
    return before + meant + after, Place(*_position(before), *_position(before + meant))


def _position(text: str) -> tuple[int, int]:
    lines = text.split("\n")
    return len(lines), len(lines[-1]) + 1


def found(case: Case, content: str) -> Diagnostic:
    """The one finding that the case is about."""
    diagnostics = judge(content.encode(), case.format, RULES, "a").diagnostics
    meant = [item for item in diagnostics if (item.code, item.field) == (case.code, case.field)]
    assert len(meant) == 1, diagnostics
    return meant[0]


@pytest.mark.parametrize("item", PLACES)
def test_each_diagnostic_points_at_what_it_is_about(item: str) -> None:
    for case in PLACES[item]:
        source, place = unmarked(case.marked)
        finding = found(case, source)
        assert finding.place == place, case
        assert case.words in finding.message


@pytest.mark.parametrize("item", PLACES)
def test_a_byte_order_mark_is_not_counted(item: str) -> None:
    for case in PLACES[item]:
        source, place = unmarked(case.marked)
        assert found(case, MARK + source).place == place, case


@pytest.mark.parametrize("item", PLACES)
def test_windows_line_ends_are_part_of_their_line(item: str) -> None:
    for case in PLACES[item]:
        source, place = unmarked(case.marked.replace("\n", "\r\n"))
        finding = found(case, source)
        assert finding.place == place, case
        assert case.words in finding.message


@pytest.mark.parametrize("form", Format)
def test_each_format_has_its_cases(form: Format) -> None:
    """What only one format has is not asked of the others."""
    only = {
        Format.TOML: {"dotted key", "inline table", "array of tables"},
        Format.YAML: {"value below its key", "anchor", "merge", "null", "inline table"},
        Format.JSON: {"value below its key", "null", "no table"},
    }
    others = set[str]().union(*only.values()) - only[form]
    covered = {item for item, cases in PLACES.items() for case in cases if case.format is form}
    assert covered >= PLACES.keys() - others


CLEAN = {
    Format.TOML: toml(),
    Format.YAML: 'id: a\nname: b\nversion: "1.0.0"\ncustom: {x: &x 1, y: *x}\n',
    Format.JSON: '{"id": "a", "name": "b", "version": "1.0.0"}',
}


@pytest.mark.parametrize("form", Format)
def test_a_clean_policy_pays_nothing_for_places(
    form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in ("source_map", "positions"):
        given = getattr(spans, name)

        def counting(*arguments: object, name: str = name, given: object = given) -> object:
            asked.append(name)
            return given(*arguments)  # type: ignore[operator]  # either of the two functions

        monkeypatch.setattr(spans, name, counting)
    judgement = judge(CLEAN[form].encode(), form, replace(RULES, environment="production"), "a")
    assert (judgement.accepted, judgement.diagnostics, asked) == (True, (), [])
    case = next(case for case in PLACES["inline table"] if case.code == "SEC003")
    judge(unmarked(case.marked)[0].encode(), case.format, RULES, "a")
    assert asked == ["source_map", "positions"]
    of_the_file = Diagnostic("FIELD001", Kind.WARNING, "7 more fields are not known")
    assert spans.place([of_the_file], unmarked(case.marked)[0], case.format) == (of_the_file,)
    assert asked == ["source_map", "positions"]
