"""The static picture: what the console shows, readable without a kernel."""

from html.parser import HTMLParser

from policyconsole.application.request import Refusal
from policyconsole.application.tally import RequestCounts
from policyconsole.diagnostics import Place, Severity, error
from policyconsole.notebook.feed import Feed
from policyconsole.notebook.picture import ROWS_IN_PICTURE, ConsoleSnapshot
from policyconsole.validation.catalogue import CATALOGUE
from tests.notebook.scripted import START, ScriptedEngine

SOURCE = '[security.tls]\nmin_version = "TLSv1.0"\n'


def picture(engine: ScriptedEngine) -> ConsoleSnapshot:
    return ConsoleSnapshot(Feed(engine, lambda: None, lambda: START).state(), engine.snapshot())


class Reader(HTMLParser):
    """Reads HTML as a browser would: which tags, which text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def refused() -> ScriptedEngine:
    engine = ScriptedEngine()
    engine.apply("a.toml", "a-policy")
    engine.begin()
    finding = error(
        "SEC003",
        Severity.HIGH,
        "TLS 1.0 is below the minimum of 1.2",
        place=Place(2, 15, 2, 24),
        help='set "TLSv1.2" or "TLSv1.3"',
    )
    engine.refuse("a.toml", finding, source=SOURCE)
    return engine


def test_a_refused_file_is_told_with_its_line_and_what_stays_in_force() -> None:
    told = Reader(picture(refused()).html())

    assert told.open == []
    assert "✖ refused, r1 stays in force" in told.text
    assert "error SEC003 high (a.toml, line 2:15): TLS 1.0 is below the minimum of 1.2" in told.text
    assert '2 | min_version = "TLSv1.0"' in told.text
    assert 'set "TLSv1.2" or "TLSv1.3"' in told.text
    assert f"source: {CATALOGUE['SEC003'].explanation.source}" in told.text


def test_events_come_with_it_in_their_order() -> None:
    engine = ScriptedEngine()
    feed = Feed(engine, lambda: None)
    engine.apply("a.toml", "a-policy")
    engine.begin()

    told = Reader(ConsoleSnapshot(feed.state(), engine.snapshot()).html())

    assert "● applied" in told.text
    assert told.text.index("● applied") < told.text.index("▶ started")


def test_the_text_says_the_same() -> None:
    text = repr(picture(refused()))

    assert "level standard   ● watching   generation 1   1 in force   1 refused" in text
    assert "✖ refused, r1 stays in force" in text
    assert "error SEC003 high (a.toml, line 2:15): TLS 1.0 is below the minimum of 1.2" in text
    assert '= set "TLSv1.2" or "TLSv1.3"' in text
    assert f"source: {CATALOGUE['SEC003'].explanation.source}" in text


def test_names_are_text_never_tags() -> None:
    engine = ScriptedEngine(folder="<b>bold</b>")
    engine.apply("x.toml", "<script>alert(1)</script>")
    engine.refuse("<img src=x>.toml", error("X001", Severity.LOW, "<i>&amp;</i>", help="<u>"))

    told = Reader(picture(engine).html())

    assert not {"script", "img", "b", "i", "u"} & set(told.tags)
    assert "<script>alert(1)</script>" in told.text
    assert "<i>&amp;</i>" in told.text


def test_of_thousands_of_policies_the_first_are_kept() -> None:
    engine = ScriptedEngine()
    for number in range(ROWS_IN_PICTURE + 30):
        engine.apply(f"{number:04}.toml", f"policy-{number:04}")

    shown = picture(engine)

    assert "and 30 more" in shown.html()
    assert "and 30 more" in repr(shown)
    assert f"policy-{ROWS_IN_PICTURE:04}" not in shown.html()


def test_guards_are_in_it_where_one_was_asked() -> None:
    engine = refused()
    assert "Guards" not in picture(engine).html()
    engine.requests = {"a-<b>policy": RequestCounts(1_200, {Refusal.BAD_INPUT: 4})}
    told = Reader(picture(engine).html())
    assert told.open == []
    assert "Guards" in told.text
    assert "a-<b>policy1,200044 bad input" in told.text
