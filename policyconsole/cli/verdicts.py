"""From the PATHs of ``check`` to a verdict on every file, one after the other."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from policyconsole.diagnostics import Severity, error
from policyconsole.files import taken_by_another
from policyconsole.judging import Judgement, judge, unreadable
from policyconsole.loading.formats import format_of
from policyconsole.reading import UnreadableError, read_with_mode, writable_by_others
from policyconsole.validation.choice import FailOn
from policyconsole.validation.ruleset import Ruleset
from policyconsole.watching.choice import FileChoice
from policyconsole.watching.folder import (
    CONFIGURATION_NAMES,
    POLICY_SUFFIXES,
    RootLostError,
    find_policy_files,
)


class PathError(Exception):
    """A PATH with nothing to check; ``skippable`` if the others may still decide the exit code."""

    def __init__(self, message: str, *, skippable: bool = False) -> None:
        super().__init__(message)
        self.skippable = skippable


class Configured(NamedTuple):
    """What a configuration says of a PATH: the rules, and which of its files count."""

    rules: Ruleset
    files: FileChoice
    fail_on: FailOn = FailOn.REFUSED


@dataclass(frozen=True, slots=True)
class Found:
    """What one PATH holds: policy files in order, and folders that could not be listed, with the reason.

    Ids are unique within a PATH. ``rules`` are those that its files are judged by,
    ``fail_on`` what makes ``check`` fail.
    """

    files: tuple[str, ...] = ()
    unlisted: Mapping[str, str] = field(default_factory=dict)
    rules: Ruleset = field(default_factory=Ruleset)
    fail_on: FailOn = FailOn.REFUSED

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that a verdict will be given on."""
        return (*self.unlisted, *self.files)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said about one file; ``path`` is PATH as given, joined with the part below it.

    ``within`` is the PATH that it belongs to.
    """

    path: str
    judgement: Judgement
    within: Found = field(default_factory=Found)

    @property
    def fails(self) -> bool:
        """Whether the file makes ``check`` exit with 1."""
        judgement = self.judgement
        return self.within.fail_on.reached(judgement.diagnostics, accepted=judgement.accepted)


def find(path: str, by: Configured) -> Found:
    """Find the policy files of a PATH; raises :class:`PathError` where there is nothing to check.

    What the configuration says of files is about those of folders: a file that is named is
    checked.
    """
    if _is_folder(path):
        try:
            scan = find_policy_files(path, by.files)
        except RootLostError as problem:
            raise PathError(str(problem)) from problem
        return Found(
            tuple(os.path.join(path, below) for below in sorted(scan.files)),
            {os.path.join(path, below): reason for below, reason in sorted(scan.unlisted.items())},
            by.rules,
            by.fail_on,
        )
    if os.path.basename(path) in CONFIGURATION_NAMES:
        raise PathError(f"{path} configures policy-console and is never a policy", skippable=True)
    if format_of(path) is None:
        endings = ", ".join(sorted(POLICY_SUFFIXES))
        raise PathError(f"{path} is not a policy file: its name ends in none of {endings}")
    return Found((path,), rules=by.rules, fail_on=by.fail_on)


def each_once(found: Sequence[Found]) -> list[Found]:
    """Leave each file in one PATH only: the one that holds most, the first of two that hold as many.

    A file below a folder is then judged beside all its neighbours, which its id must differ
    from. Links of folders are followed to tell whether two files are the same.
    """
    folders: dict[str, str] = {}

    def identity(path: str) -> tuple[str, str]:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        return folders[folder], name

    if len(found) < 2:
        return list(found)
    chosen: dict[tuple[str, str], int] = {}
    by_size = sorted(range(len(found)), key=lambda index: -len(found[index].paths))
    for index in by_size:
        for path in found[index].paths:
            chosen.setdefault(identity(path), index)
    return [
        replace(
            place,
            files=tuple(path for path in place.files if chosen[identity(path)] == index),
            unlisted={
                path: reason
                for path, reason in place.unlisted.items()
                if chosen[identity(path)] == index
            },
        )
        for index, place in enumerate(found)
    ]


def judge_all(found: Iterable[Found]) -> Iterator[Verdict]:
    """Judge every file found, in order; each is read only when its turn comes.

    The first file whose content is valid on its own holds its id: files come in the
    order of their paths, so that it is the one that the engine would choose at start.
    """
    for place in found:
        for folder, reason in place.unlisted.items():
            yield Verdict(folder, _not_listed(reason), place)
        holders: dict[str, str] = {}
        for path in place.files:
            judgement = _judge_file(path, place.rules)
            if judgement.accepted and judgement.policy_id is not None:
                holder = holders.setdefault(judgement.policy_id, path)
                if holder != path:
                    judgement = replace(
                        judgement, diagnostics=taken_by_another(judgement, holder), accepted=False
                    )
            yield Verdict(path, judgement, place)


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError) as problem:
        if os.path.lexists(path):
            return False
        raise PathError(f"{path or repr(path)} does not exist") from problem
    except OSError:
        # Reading it will say why, as a diagnostic.
        return False


def _judge_file(path: str, rules: Ruleset) -> Judgement:
    form = format_of(path)
    try:
        content, mode = read_with_mode(path)
    except UnreadableError as problem:
        return unreadable(problem.diagnostic)
    if form is None:
        raise ValueError(f"{path} does not have the suffix of a policy")
    return judge(content, form, rules, path, writable_by_others=writable_by_others(mode))


def _not_listed(reason: str) -> Judgement:
    return unreadable(
        error(
            "FILE001",
            Severity.CRITICAL,
            f"the folder cannot be listed: {reason}",
            help="give the user that runs policy-console permission to read and enter it",
        )
    )
