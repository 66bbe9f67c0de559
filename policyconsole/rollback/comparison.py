"""What differs between two revisions of a policy: field by field, and line by line."""

from collections.abc import Iterator
from dataclasses import dataclass

from policyconsole.application.changes import changed_fields, sections_of
from policyconsole.escaping import printable
from policyconsole.events import Change
from policyconsole.fixing.difference import difference
from policyconsole.history.records import Revision
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import LoadedPolicy, parse
from policyconsole.masking import mask_lines


@dataclass(frozen=True, slots=True)
class Comparison:
    """The fields that differ, old value first, and the sections that they are in.

    Secrets are masked where a change is shown or written down, as everywhere.
    """

    changes: tuple[Change, ...]
    sections: tuple[str, ...]


def compare(old: Revision, new: Revision) -> Comparison:
    """Compare two revisions; they may be written in two formats.

    Raises :class:`~policyconsole.loading.loader.PolicyLoadError` for a content that cannot
    be loaded any more.
    """
    before, after = loaded(old).config, loaded(new).config
    changes = changed_fields(before, after)
    return Comparison(changes, sections_of(changes, before, after))


def loaded(revision: Revision) -> LoadedPolicy:
    """Load the content of a revision; raises PolicyLoadError where that cannot be done any more."""
    form = format_of(revision.path)
    if form is None:
        raise ValueError(f"{revision.path} does not have the suffix of a policy")
    return parse(revision.content, form, revision.digest)


def source_difference(old: Revision, new: Revision) -> Iterator[str]:
    """Give the lines of a unified diff of the two sources, secrets masked and safe to show.

    Where nothing differs but what is masked, there are none.
    """
    lines = difference(new.path, _masked(old.content), _masked(new.content))
    for sign, revision in (("---", old), ("+++", new)):
        if next(lines, None) is None:
            return
        yield f"{sign} {printable(revision.path)} (revision {revision.revision})"
    for line in lines:
        yield printable(line.rstrip("\r"))


def _masked(content: bytes) -> bytes:
    text = content.decode(errors="replace")
    return "\n".join(mask_lines(text.split("\n"))).encode()
