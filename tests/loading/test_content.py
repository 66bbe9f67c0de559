import pytest

from policyconsole.diagnostics import Place, Severity
from policyconsole.loading.content import to_text
from policyconsole.loading.decode_error import DecodeError


def test_a_byte_order_mark_is_passed_over() -> None:
    assert to_text(b"\xef\xbb\xbfid = 1") == "id = 1"


def test_a_second_byte_order_mark_is_content() -> None:
    assert to_text(b"\xef\xbb\xbf\xef\xbb\xbfid") == "\ufeffid"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"\xff", Place(1, 1, 1, 2)),
        (b'a = 1\nb = "\xc3\xa9\xe9"', Place(2, 7, 2, 8)),
        ('\ufeffa = "本'.encode() + b"\x80", Place(1, 7, 1, 8)),
        (b"a = '\xed\xa0\x80'", Place(1, 6, 1, 7)),
        (b"a = '\xe6\x9c", Place(1, 6, 1, 7)),
    ],
    ids=["first", "after-accents", "mark-not-counted", "surrogate", "cut-short"],
)
def test_the_place_is_that_of_the_first_bad_byte(content: bytes, place: Place) -> None:
    with pytest.raises(DecodeError) as caught:
        to_text(content)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "FILE003"
    assert diagnostic.severity is Severity.CRITICAL
    assert diagnostic.place == place


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_called_by_its_name(encoding: str) -> None:
    with pytest.raises(DecodeError, match=r"UTF-16|UTF-32") as caught:
        to_text('id = "x"'.encode(encoding))
    assert caught.value.diagnostic.code == "FILE003"
    assert caught.value.diagnostic.place == Place(1, 1, 1, 1)


def test_zero_bytes_alone_are_not_taken_for_utf_16() -> None:
    assert to_text(b"\0\0\0\0") == "\0\0\0\0"
