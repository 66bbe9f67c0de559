import subprocess
import sys


def test_highlighting_json_again_and_again_does_not_end_the_process() -> None:
    """tree-sitter 0.26.1 reads freed memory here and dies of it; 0.25 does not."""
    program = """\
import tree_sitter_json
from pathlib import Path
from textual.widgets import _text_area
from tree_sitter import Language, Parser, Query, QueryCursor

language = Language(tree_sitter_json.language())
root = Parser(language).parse(b'{"id": "a", "escaped": "b\\\\"c"}').root_node
highlights = Path(_text_area.__file__).parents[1] / "tree-sitter" / "highlights" / "json.scm"
for _ in range(500):
    QueryCursor(Query(language, highlights.read_text())).captures(root)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
