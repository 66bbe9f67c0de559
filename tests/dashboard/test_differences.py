"""Two states of a policy beside each other."""

from datetime import UTC, datetime

import pytest

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.dashboard.differences import (
    LONGEST_LIST,
    LONGEST_TEXT,
    DiffLine,
    FieldDifference,
    Mark,
    Side,
    differences,
    in_force,
    kept,
    on_disk,
    refused,
)
from policyconsole.history.records import RefusedContent
from policyconsole.loading.formats import Format
from policyconsole.loading.loader import parse
from policyconsole.snapshot import FileStatus, Verdict
from tests.tui.keeping import revision

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HEAD = 'id = "a"\nname = "A"\nversion = "1.0.0"\n'


def disk(text: str | None, path: str = "a.toml") -> Side:
    return on_disk(FileStatus(path, "a", Verdict.IN_FORCE, (), NOW, source=text))


def removed(text: str) -> DiffLine:
    return DiffLine(Mark.REMOVED, text)


def added(text: str) -> DiffLine:
    return DiffLine(Mark.ADDED, text)


def test_a_field_has_its_old_value_and_its_new_one() -> None:
    old = disk(HEAD + '[security.tls]\nmin_version = "TLSv1.2"\n[custom]\nrate = 60\n')
    new = disk(
        HEAD + '[security.tls]\nmin_version = "TLSv1.3"\n[custom]\nrate = "60"\nnew = true\n'
    )
    found = differences(old, new)
    assert found.fields == (
        FieldDifference("security.tls.min_version", (removed('"TLSv1.2"'), added('"TLSv1.3"'))),
        FieldDifference("custom.rate", (removed("60"), added('"60"'))),
        FieldDifference("custom.new", (removed("none"), added("true"))),
    )
    assert (found.no_fields, found.no_lines) == ("", "")


def test_of_a_list_only_the_items_that_left_or_came_are_told() -> None:
    old = disk(HEAD + '[custom]\nhosts = ["a", "b", "c"]\n')
    new = disk(HEAD + '[custom]\nhosts = ["a", "c", "d"]\n')
    (hosts,) = differences(old, new).fields
    assert hosts.lines == (removed('[1] "b"'), added('[2] "d"'))


def test_a_list_too_long_is_told_as_a_whole() -> None:
    items = ", ".join(map(str, range(LONGEST_LIST)))
    old, new = (disk(f"{HEAD}[custom]\nports = [{items}{more}]\n") for more in ("", ", 1"))
    (ports,) = differences(old, new).fields
    assert [line.mark for line in ports.lines] == [Mark.REMOVED, Mark.ADDED]


def test_two_formats_are_compared_by_their_values() -> None:
    found = differences(disk(HEAD), disk("id: a\nname: A\nversion: 1.0.0\n", "a.yaml"))
    assert (found.fields, found.no_fields) == (
        (),
        "No field differs. Only how it is written differs.",
    )
    assert added("id: a") in found.lines


def test_lines_are_those_of_a_unified_difference() -> None:
    found = differences(disk(HEAD), disk(HEAD.replace('"A"', '"B"') + "\t# \x1b[2J\n"))
    assert found.lines == (
        DiffLine(Mark.PLACE, "@@ -1,3 +1,4 @@"),
        DiffLine(Mark.KEPT, 'id = "a"'),
        removed('name = "A"'),
        added('name = "B"'),
        DiffLine(Mark.KEPT, 'version = "1.0.0"'),
        added("    # \\x1b[2J"),
    )


def test_line_ends_of_another_system_are_told_only_where_they_differ() -> None:
    windows = HEAD.replace("\n", "\r\n")
    assert differences(disk(windows), disk(windows.replace("A", "B"))).lines[2:4] == (
        removed('name = "A"'), added('name = "B"'),
    )  # fmt: skip
    assert added('id = "a"\\r') in differences(disk(HEAD), disk(windows)).lines


def test_the_same_on_both_sides() -> None:
    found = differences(disk(HEAD), disk(HEAD))
    assert (found.no_fields, found.no_lines) == ("No field differs.", "The texts are the same.")


def test_no_secret_is_shown() -> None:
    old, new = (disk(f'{HEAD}[custom]\napi_key = "{key}"\n') for key in ("hunter2", "hunter3"))
    found = differences(old, new)
    assert found.fields[0].lines == (removed('"***"'), added('"***"'))
    assert (found.lines, found.no_lines) == ((), "Only what is masked differs.")
    assert "hunter" not in repr(found)


def test_a_text_that_cannot_be_loaded_has_lines_but_no_fields() -> None:
    found = differences(disk(HEAD), disk("id = \n"))
    assert found.fields == ()
    assert found.no_fields.startswith("on disk: no values to compare, because ")
    assert "PARSE001" in found.no_fields
    assert added("id = ") in found.lines


@pytest.mark.parametrize("text", [None, HEAD + "#" * LONGEST_TEXT], ids=["unreadable", "too long"])
def test_what_cannot_be_compared_line_by_line_says_why(text: str | None) -> None:
    found = differences(disk(HEAD), disk(text))
    assert found.lines == ()
    assert found.no_lines in {
        "on disk: it could not be read as text.",
        f"on disk: {len(HEAD) + LONGEST_TEXT:,} characters are too many to compare.",
    }


def test_sides_are_named_after_what_they_are() -> None:
    loaded = parse(HEAD.encode(), Format.TOML)
    active = ActivePolicy(loaded.config, 6, loaded.digest, "a.toml", NOW)
    unkept = differences(in_force(active, None), disk(HEAD))
    assert (unkept.old, unkept.new) == ("revision 6, in force", "on disk")
    assert unkept.no_fields == "No field differs."
    assert unkept.no_lines == "revision 6, in force: its text is not at hand."
    assert kept(revision(3), in_force=False).title == "revision 3"
    assert kept(revision(3), in_force=True).title == "revision 3, in force"
    content = RefusedContent("a.toml", "a", "sha256:0", NOW, None)
    assert refused(content, "12:00:00").title == "refused 12:00:00"
    assert refused(content, "12:00:00").problem == "it could not be read as text"
