"""How many attacks the input validator finds, and how much ordinary text it takes for one.

    pip install commonhuman-payloads==0.1.7
    python benchmarks/detection.py [--show]

The attacks are those of the package named, which is needed for nothing else; its lists
for SQL injection and for each place in a page count apart. The ordinary text is at hand
on every machine: Python's own sources by function as code, its docstrings as prose, the
Markdown of this repository by paragraph, the addresses in all of them, and names as
people have them. Prints both figures, and the time
that the judging takes.
"""

import argparse
import ast
import inspect
import re
import string
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from commonhuman_payloads import sqli, xss  # type: ignore[import-not-found] # see above

from policyconsole.application.injection import (
    is_plain,
    looks_like_script,
    looks_like_sql,
    readings,
)

NAMES = (
    "O'Reilly", "D'Angelo & Sons", "Conan O'Brien", "Niall Ó Dónaill", "Ba'ath", "rock 'n' roll",
    "Jean-Luc d'Ormesson", "N'Golo Kanté", "Anne-Marie O'Neill; Dublin", "\"Bob\" O'Hara",
    "Smith (née Orr)", "Procter & Gamble", "AT&T", "Toys \"R\" Us", "Drop Table Tennis Club",
    "Select Committee on Union Affairs", "5 o'clock or later", "Union Select Wines, Ltd.",
    "JavaScript: The Good Parts", "it's 1 or 2 -- I don't know", "rate = 1 and price < 5",
    "'quoted' -- and more", "C# and F#", "I <3 you", "a < b and b > c", "100% OR nothing",
)  # fmt: skip
PLACES = (
    "html_body", "attr_double", "attr_single", "attr_unquoted", "url_attr", "comment", "title", "textarea",
    "iframe_srcdoc", "polyglot", "css", "script_string_s", "script_string_d", "script_template",
    "script_bare", "script_comment", "script_regex", "event_handler", "angular_template", "vue_template",
)  # fmt: skip
ADDRESS = re.compile(r"https?://[^\s<>\"'`)\]]+")


def sql_attacks() -> Iterator[str]:
    """Give the SQL injections of the package, without those that are one quote or word alone."""
    for payloads in sqli.ERROR_PAYLOADS.values():
        yield from (payload for payload in payloads if len(payload) > 4)
    for pair in sqli.get_boolean_pairs(risk=2):
        yield from pair
    for lists in (sqli.TIME_PAYLOADS, sqli.STACKED_PAYLOADS, sqli.OOB_PAYLOADS):
        for payloads in lists.values():
            yield from payloads
    yield from sqli.get_lfi_payloads()
    yield from sqli.get_privesc_payloads(risk=2)


def script_attacks() -> Iterator[tuple[str, list[str]]]:
    """Give the script injections of the package by the place in a page that they are for."""
    for place in PLACES:
        yield place, xss.get_payloads_for_context(place, "x1")


def sources() -> Iterator[str]:
    """Give Python's own sources, the first half of them."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("[a-h]*.py")):
        yield path.read_text(encoding="utf-8")


def ordinary() -> Iterator[tuple[str, list[str]]]:
    """Give ordinary text by its kind."""
    code, prose, addresses = [], [], []
    for source in sources():
        addresses += ADDRESS.findall(source)
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if text := ast.get_docstring(node):
                    prose += [part for part in text.split("\n\n") if part.strip()]
                if isinstance(node, ast.FunctionDef):
                    code.append("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    markdown = []
    for path in sorted(Path(__file__).parents[1].rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        markdown += [part for part in text.split("\n\n") if part.strip(string.whitespace)]
        addresses += ADDRESS.findall(text)
    yield "names", list(NAMES)
    yield "addresses", sorted(set(addresses))
    yield "Markdown", markdown
    yield "prose", prose
    yield "code", code


def found(texts: Iterable[str], *looks: Callable[[str], bool]) -> list[str]:
    """Give the texts that one of the checks takes for an attack."""
    return [
        text
        for text in texts
        if any(
            look(reading) for reading in readings(text) if not is_plain(reading) for look in looks
        )
    ]


def line(what: str, part: int, whole: int) -> None:
    """Print one figure."""
    print(f"  {what:24}{part:6} of {whole:6}  {part / max(whole, 1):7.2%}")


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=inspect.getdoc(inspect.getmodule(main)))
    arguments.add_argument("--show", action="store_true", help="print what was judged wrongly")
    show = arguments.parse_args().show
    print("taken for an attack, of ordinary text")
    for kind, texts in ordinary():
        begin = time.perf_counter()
        for name, look in (("SQL", looks_like_sql), ("script", looks_like_script)):
            alarms = found(texts, look)
            line(f"{kind}, {name}", len(alarms), len(texts))
            if show:
                print(*(f"      {alarm[:150]!r}" for alarm in alarms), sep="\n")
        size = sum(map(len, texts))
        print(f"    {(time.perf_counter() - begin) / size * 1e9:.0f} ms a million characters")
    print("found, of attacks")
    attacks = list(dict.fromkeys(sql_attacks()))
    caught = found(attacks, looks_like_sql)
    line("SQL", len(caught), len(attacks))
    if show:
        print(*(f"      {missed!r}" for missed in attacks if missed not in caught), sep="\n")
    whole = caught_of_all = 0
    for place, attacks in script_attacks():
        caught = found(attacks, looks_like_script)
        line(f"script, {place}", len(caught), len(attacks))
        whole, caught_of_all = whole + len(attacks), caught_of_all + len(caught)
        if show:
            print(*(f"      {missed!r}" for missed in attacks if missed not in caught), sep="\n")
    line("script", caught_of_all, whole)


if __name__ == "__main__":
    main()
