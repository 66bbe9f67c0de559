"""A policy file's content with edits made in it, and proof that nothing else has changed."""

from codecs import BOM_UTF8
from collections.abc import Iterable

from policyconsole.fixing.edits import CannotEditError, Edit, edited
from policyconsole.fixing.splicing import spliced
from policyconsole.loading.content import to_text
from policyconsole.loading.formats import DecodeError, Format, decode


def rewritten(content: bytes, form: Format, edits: Iterable[Edit]) -> bytes:
    """Make edits in a file's content; comments, order, quotes, line ends and all else stay.

    What comes out decodes to the data that went in with exactly these edits made: so an
    edit behind an alias, whose other uses would change too, is not made. Raises
    :class:`CannotEditError`.
    """
    edits = tuple(edits)
    try:
        text = to_text(content)
        wanted = edited(decode(text, form), edits)
        new = spliced(text, edits, form)
        if decode(new, form) != wanted:
            raise CannotEditError("more than the edit would change")
    except DecodeError as problem:
        raise CannotEditError(str(problem)) from None
    mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    return mark + new.encode()
