"""For mkdocstrings: docstrings name other things as ``:class:`~a.b.C``` does; a page shows ``C``."""

import re
from typing import Any

import griffe

_ROLE = re.compile(r":[a-z]+:`~?(?:[\w.]+\.)?([\w]+)`")


class PlainNames(griffe.Extension):
    """Writes each name of a role as code."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Mend the docstring of what was just found."""
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(r"`\1`", obj.docstring.value).replace("``", "`")
