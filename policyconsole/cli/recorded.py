"""``--record FILE``: what an engine tells is written to a file while a face shows it."""

import os
from collections.abc import Callable

from policyconsole.cli.arguments import WRONG_USAGE
from policyconsole.cli.streams import tell
from policyconsole.escaping import printable
from policyconsole.hosted import HostedEngine


def while_recording(path: str | None, engine: HostedEngine, show: Callable[[], int]) -> int:
    """Show an engine, and record it where there is a path; give the exit code.

    A recording is for its owner only, and never takes the place of a file.
    """
    if path is None:
        return show()
    from policyconsole.replaying.writing import RecordingWriter

    name = printable(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        tell(f"{name} is there already: --record wants the name of a new file")
        return WRONG_USAGE
    except (OSError, ValueError) as problem:
        tell(f"cannot record to {name}: {getattr(problem, 'strerror', None) or problem}")
        return WRONG_USAGE
    writer = RecordingWriter(engine, os.fdopen(descriptor, "wb"))
    writer.start()
    try:
        return show()
    finally:
        engine.stop()
        writer.stop()
        if writer.problem is not None:
            tell(f"the recording {name} ends before its time: {writer.problem}")
