"""``policy-console convert``: rewrite a policy in another format."""

import argparse
import os
from collections.abc import Iterable

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import Paint, diagnostic_lines
from policyconsole.diagnostics import Diagnostic
from policyconsole.loading.atomic import write_atomically
from policyconsole.loading.converting import ConversionError, convert
from policyconsole.loading.formats import Format, format_of
from policyconsole.loading.loader import LoadedPolicy, PolicyLoadError, parse
from policyconsole.reading import UnreadableError, read_file
from policyconsole.watching.folder import CONFIGURATION_NAMES, POLICY_SUFFIXES

_REFUSED = 1


class _UsageError(Exception):
    """The two names cannot be what is meant."""


def run(options: argparse.Namespace) -> int:
    """Write SOURCE as TARGET and give the exit code."""
    source: str = options.source
    target: str = options.target
    try:
        form, wanted = _format(source), _format(target)
        _require_source(source)
        _require_target(source, target, force=options.force)
        policy = _load(source, form)
        converted = convert(policy, wanted)
        write_atomically(
            target,
            converted.text.encode(),
            lambda: _require_target(source, target, force=options.force),
        )
    except _UsageError as problem:
        tell(str(problem))
        return WRONG_USAGE
    except (PolicyLoadError, ConversionError) as problem:
        text = problem.text if isinstance(problem, PolicyLoadError) else policy.text
        _show(source, problem.diagnostics, text)
        return _REFUSED
    except OSError as problem:
        tell(f"{target} cannot be written: {problem.strerror or problem}")
        return WRONG_USAGE
    if converted.comments_lost:
        tell(f"the comments of {source} are not in {target}")
    if os.path.dirname(os.path.abspath(source)) == os.path.dirname(os.path.abspath(target)):
        tell(f"{source} and {target} now claim the same id: remove the one that is not to count")
    return 0


def _format(path: str) -> Format:
    form = format_of(path)
    if os.path.basename(path) in CONFIGURATION_NAMES:
        raise _UsageError(f"{path} configures policy-console and is never a policy")
    if form is None:
        endings = ", ".join(sorted(POLICY_SUFFIXES))
        raise _UsageError(f"{path} names no format: its name ends in none of {endings}")
    return form


def _require_source(source: str) -> None:
    if not os.path.lexists(source):
        raise _UsageError(f"{source} does not exist")


def _require_target(source: str, target: str, *, force: bool) -> None:
    if os.path.isdir(target):
        raise _UsageError(f"{target} is a folder")
    if os.path.exists(target) and os.path.samefile(source, target):
        raise _UsageError(f"{source} and {target} are the same file")
    if os.path.lexists(target) and not force:
        raise _UsageError(f"{target} is there already; --force replaces it")


def _load(source: str, form: Format) -> LoadedPolicy:
    try:
        return parse(read_file(source), form)
    except UnreadableError as problem:
        raise PolicyLoadError((problem.diagnostic,)) from None


def _show(path: str, diagnostics: Iterable[Diagnostic], text: str | None) -> None:
    output = Output()
    paint = Paint(output.coloured)
    for diagnostic in diagnostics:
        if diagnostic.blocks:
            output.write("\n".join(diagnostic_lines(path, diagnostic, text, paint)))
    output.flush()
