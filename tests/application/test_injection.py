import time

import pytest

from policyconsole.application.injection import looks_like_script, looks_like_sql, readings

SQL = [
    "' or '1'='1", "1 or 1=1", "admin'--", "admin' #", "') or ('a'='a", "'; drop table users; --",
    "1 union select null, null", "x' UNION/**/ALL/**/SELECT password FROM users", "1; waitfor delay '0:0:5'",
    "' and sleep(5)-- -", "''' or 1=1", '" or ""="', "1/*!50000union*/select 1,2",
    "' || (select 1)", "\uff07 or 1=1 --", "1'/*' union select name from t", "id in('a/*')union/**/select null", "' order by 3--",
]  # fmt: skip
SCRIPT = [
    "<script>alert(1)</script>", "<ScRiPt/src=//x>", "<img src=x onerror=alert(1)>", '" onmouseover="f()',
    "<svg/onload=alert(1)>", "java\tscript:alert(1)", '<a href="javascript:f()">',
    "&#60;script&#62;", "\\u003cscript\\u003e", "';alert(1)//", "<iframe srcdoc=x>", "<\uff53cript>",
    "<img alt='<' onerror=f()>", "{{constructor.constructor('f()')()}}",
]  # fmt: skip
ORDINARY = [
    "O'Reilly", "rock 'n' roll", "D'Angelo & Sons -- since 1990", "5 o'clock or later", "I <3 you",
    "Select Committee on Union Affairs", "JavaScript: The Good Parts", "drop the table off at 5",
    "if name == 'a' or name == 'b':", "x < 5 and y > 3", "SELECT name FROM users WHERE id = 1",
    "**bold** and `code` -- see [docs](https://example.org/a?b=c&d=e#f)", "C# and F#", "onward = 5",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)", "a | b || c && d",
    "the union of 'a' and 'b'", "he said \"or\" and 'and'", "for (i = 0; i < 3; i++) { f(\"x\"); }",
]  # fmt: skip


@pytest.mark.parametrize("text", SQL)
def test_sql_injection_is_found(text: str) -> None:
    assert looks_like_sql(text)


@pytest.mark.parametrize("text", SCRIPT)
def test_script_injection_is_found(text: str) -> None:
    assert looks_like_script(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_not_taken_for_an_attack(text: str) -> None:
    assert not looks_like_sql(text)
    assert not looks_like_script(text)


def test_what_is_encoded_once_or_twice_is_read() -> None:
    assert list(readings("a%2527b")) == ["a%2527b", "a%27b", "a'b"]
    assert list(readings("100% sure")) == ["100% sure"]


HOSTILE = [
    "'", '"', "' ", "'or ", "' or (", "<", "< ", "<a ", "<a on", "/*", "*/", "/*!", "' or a", "union select ",
    "javascript:", "(", ")", "&#", "%27", "{{", " ", "\\u003c", "1 or ", "on", "'/*", "or 1=1 ", "<on=", "data:", " on",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_more_than_its_length(piece: str) -> None:
    """What makes expressions go back and forth: part of a second, not hours."""
    text = "<" * (piece == " on") + piece * (200_000 // len(piece))
    begin = time.process_time()
    looks_like_sql(text)
    looks_like_script(text)
    assert time.process_time() - begin < 5
