"""From the bytes of a file to its text."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from policyconsole.loading.decode_error import TOP, not_utf8
from policyconsole.loading.positions import place_at


def to_text(content: bytes) -> str:
    """Decode UTF-8, a byte order mark passed over.

    Raises :class:`~policyconsole.loading.decode_error.DecodeError` (FILE003) with the
    place of the first bad byte; places do not count the mark.
    """
    content = content.removeprefix(BOM_UTF8)
    if _looks_like_utf16(content):
        raise not_utf8("not UTF-8: it looks like UTF-16", TOP)
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        start = problem.start
        raise not_utf8(
            f"not UTF-8: the byte 0x{content[start]:02x}", place_at(content, start, start + 1)
        ) from None


def _looks_like_utf16(content: bytes) -> bool:
    """Tell by the mark, or by the zero in every other of the first bytes."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return True
    zeros = [byte == 0 for byte in content[:4]]
    return zeros in ([True, False, True, False], [False, True, False, True])
