"""Opening a file in somebody's editor, and coming back."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import App, SuspendNotSupported

from policyconsole.escaping import printable
from policyconsole.tui.editors import EditorCommand, NoEditorError, editor_command
from policyconsole.wording import cause

_LOOK_EVERY = 0.2
"""Seconds between two looks at whether an editor with a window of its own has ended."""


async def edit(app: App[int], path: str, line: int | None) -> None:
    """Open a file at a line; say what to do where that fails.

    An editor in the terminal has it until it ends: nothing is drawn meanwhile, and the engine
    goes on. One with a window of its own runs beside the app.
    """
    if not await asyncio.to_thread(os.path.exists, path):
        _say(app, f"{path} is not there any more: choose another file.")
        return
    try:
        command = editor_command(path, line)
    except NoEditorError as problem:
        _say(app, str(problem))
        return
    try:
        code = _in_terminal(app, command) if command.needs_terminal else await _beside(command)
    except SuspendNotSupported:
        why = "there is no terminal here for an editor"
        _say(app, f"{command.name} was not started: {why}. Open {path} where it is.")
    except (OSError, ValueError) as problem:
        advice = "set VISUAL or EDITOR to a program that is there"
        _say(app, f"{command.name} cannot be started ({cause(problem)}): {advice}.")
    else:
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            _say(app, f"{command.name} ended with {how}: {path} may not be saved.")


def _in_terminal(app: App[int], command: EditorCommand) -> int:
    """Give the terminal to an editor until it ends; gives its exit code."""
    with app.suspend(), _deaf_to_ctrl_c():
        try:
            return subprocess.run(command.arguments, check=False).returncode  # noqa: S603 - it is what the user has set
        except (OSError, ValueError) as problem:
            failure = problem  # raised below: suspend only comes back where nothing is raised in it
    raise failure


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Leave Ctrl-C to the editor; a handler of our own is not passed on to it, SIG_IGN would be."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def _beside(command: EditorCommand) -> int:
    """Start an editor with a window of its own, and wait until it ends."""
    process = subprocess.Popen(  # noqa: S603, ASYNC220 - it outlives the app, which asyncio's would not
        command.arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while (code := process.poll()) is None:  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(_LOOK_EVERY)
    return code


def _say(app: App[int], message: str) -> None:
    app.notify(printable(message), markup=False, severity="warning", timeout=10)
