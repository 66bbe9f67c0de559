"""What ``[keys]`` says: which keys an action has now, and what is wrong with that."""

from collections.abc import Iterator, Mapping

from policyconsole.configuration.key_names import key_name, key_problem
from policyconsole.configuration.keys import BY_ID, KEY_ACTIONS, KeyAction, active_together
from policyconsole.configuration.mistakes import mistake
from policyconsole.diagnostics import Diagnostic
from policyconsole.fields import FieldPath
from policyconsole.wording import nearest, quoted


def keymap(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Give the keys of each id as textual takes them: by their names, a comma between two."""
    return {name: ",".join(map(key_name, given)) for name, given in keys.items()}


def key_mistakes(keys: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[FieldPath, Diagnostic]]:
    """Say with the way to each: unknown ids, keys that do not exist or arrive, keys given twice."""
    for name, given in keys.items():
        if name not in BY_ID:
            meant = nearest(name, BY_ID)
            advice = f"did you mean {quoted(meant)}?" if meant else "docs/configuration.md has all"
            message = f"there is no action {quoted(name)} that has a key"
            yield ("keys", name), mistake("CONF002", message, help=advice)
            continue
        if not given:
            advice = "leave it out, or give it a key"
            yield ("keys", name), mistake("CONF003", "expected at least one key", help=advice)
        for index, key in enumerate(given):
            problem = key_problem(key)
            if problem is not None:
                path = ("keys", name, index)
                yield path, mistake("CONF003", problem[0], help=problem[1])
            elif other := _clash(BY_ID[name], key_name(key), keys, given[:index]):
                message = f"{quoted(key)} is the key of {quoted(other)} too"
                advice = f"take another key, or give {quoted(other)} another"
                yield ("keys", name, index), mistake("CONF003", message, help=advice)


def _clash(
    action: KeyAction,
    key: str,
    keys: Mapping[str, tuple[str, ...]],
    before: tuple[str, ...],
) -> str | None:
    """Give the id of an action that listens to the same key at the same time."""
    if key in map(key_name, before):
        return action.id
    for other in KEY_ACTIONS:
        theirs = keys.get(other.id, tuple(other.keys.split(",")))
        if other is not action and key in map(key_name, theirs) and active_together(action, other):
            return other.id
    return None
