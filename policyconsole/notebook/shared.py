"""One engine for all consoles of a folder with the same settings.

A cell that is run twice makes two consoles; the folder is watched once, and the last
console that closes ends the watch.
"""

import os
from dataclasses import dataclass
from threading import Lock

from policyconsole.configuration.model import Configuration
from policyconsole.hosting import EngineThread
from policyconsole.validation.levels import ValidationLevel
from policyconsole.watching.hints import WatcherKind


@dataclass(slots=True)
class _Shared:
    engine: EngineThread
    root: str
    watcher: WatcherKind
    state_dir: str | None
    users: int


_lock = Lock()
_all: list[_Shared] = []


def borrow(
    folder: str | os.PathLike[str],
    level: ValidationLevel | None,
    environment: str | None,
    watcher: WatcherKind | None,
    configuration: Configuration,
    state_dir: str | os.PathLike[str] | None = None,
) -> EngineThread:
    """Give the engine of this folder that has these settings now, or a new one not yet started.

    ``configuration`` says what the three are where they are None.
    """
    wanted = (level or configuration.level).value, environment or configuration.environment
    kept = None if state_dir is None else os.path.realpath(state_dir)
    kind = watcher or WatcherKind(configuration.watcher)
    root = os.path.realpath(folder)
    with _lock:
        for shared in _all:
            now = shared.engine.snapshot()
            if (
                shared.engine.failure is None
                and (shared.root, shared.watcher, shared.state_dir) == (root, kind, kept)
                and shared.engine.configuration == configuration
                and (now.level, now.environment) == wanted
            ):
                shared.users += 1
                return shared.engine
        engine = EngineThread(
            folder,
            level=level,
            environment=environment,
            watcher=watcher,
            configuration=configuration,
            state_dir=state_dir,
        )
        _all.append(_Shared(engine, root, kind, kept, 1))
        return engine


def give_back(engine: EngineThread) -> None:
    """Need an engine no longer; it is stopped when nobody else needs it."""
    with _lock:
        for shared in _all:
            if shared.engine is engine:
                shared.users -= 1
                if shared.users:
                    return
                _all.remove(shared)
                break
    engine.stop()
