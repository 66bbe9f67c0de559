"""``check --fix`` and ``check --diff``: mend what can be mended, or show what would be written."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from policyconsole.cli.streams import Output, tell
from policyconsole.cli.text import counted
from policyconsole.cli.verdicts import Found, Verdict, judge_all
from policyconsole.escaping import printable
from policyconsole.files import taken_by_another
from policyconsole.fixing.difference import difference
from policyconsole.fixing.repair import Judge, Repair, gone, proposals, repair
from policyconsole.fixing.writing import NotWrittenError, write_instead
from policyconsole.judging import Judgement, judge
from policyconsole.loading.formats import Format, format_of
from policyconsole.masking import MASK, secret_spans
from policyconsole.reading import UnreadableError, read_with_mode, writable_by_others
from policyconsole.validation.ruleset import Ruleset

_LARGEST_COUNTED = 64 * 1024
"""Characters of the largest file in which a report counts what could be mended: to count takes
twice as long as to judge."""

_TRIES = 10
"""How often a report tries to mend a file; what it counts is then less than ``--fix`` may mend."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A file that has fixes: what it holds, and what became of that."""

    path: str
    old: bytes
    repair: Repair

    @property
    def changed(self) -> bool:
        """Whether there is something to write."""
        return self.repair.content != self.old

    @property
    def codes(self) -> str:
        """What is mended, in words: ``SEC003, TYPE001 (2)``."""
        counts = Counter(diagnostic.code for diagnostic in self.repair.fixed)
        return ", ".join(
            f"{code} ({number})" if number > 1 else code for code, number in counts.items()
        )


def mend_all(found: Iterable[Found], *, unsafe: bool) -> Iterator[Mended]:
    """Give the files that have fixes, one after the other; nothing is written yet.

    A refused file whose id another file holds stays refused: mended, it could take the
    id away from the other.
    """
    for place in found:
        holders: dict[str, str] = {}
        for verdict in judge_all([place]):
            if verdict.judgement.accepted and verdict.judgement.policy_id is not None:
                holders.setdefault(verdict.judgement.policy_id, verdict.path)
        for path in place.files:
            mended = _mend(path, place.rules, holders, unsafe=unsafe)
            if mended is None:
                continue
            if mended.repair.judgement.accepted and mended.repair.judgement.policy_id is not None:
                holders.setdefault(mended.repair.judgement.policy_id, path)
            yield mended


def write_all(mended: Iterable[Mended]) -> tuple[list[Mended], bool]:
    """Write what was mended; give what was written, and whether that was all."""
    written, complete = [], True
    for file in mended:
        _tell_held_back(file)
        if not file.changed:
            continue
        try:
            write_instead(file.path, file.old, file.repair.content)
            written.append(file)
        except NotWrittenError as problem:
            tell(f"{file.path} was not fixed: {problem}")
            complete = False
    return written, complete


def show_all(mended: Iterable[Mended], output: Output) -> int:
    """Write a unified diff of everything to ``output``, and give the number of files.

    To a pipe or a file it is exact, so that ``patch -p0`` takes it. A terminal gets it
    with secrets masked and control characters escaped.
    """
    files = findings = 0
    for file in mended:
        _tell_held_back(file)
        if not file.changed:
            continue
        files += 1
        findings += len(file.repair.fixed)
        name, old, new = printable(file.path), file.old, file.repair.content
        if output.terminal:
            old, new = _masked(old), _masked(new)
        elif " " in name:
            name += "\t"  # patch takes a name to end at the first space where no tab ends it
        for line in difference(name, old, new):
            output.write(printable(line.rstrip("\r")) if output.terminal else line)
        output.flush()
    if files:
        tell(f"would fix {counted(findings, 'finding')} in {counted(files, 'file')}")
    return files


def told(written: Iterable[Mended]) -> tuple[str, ...]:
    """Say what was fixed, and in which files; no line where nothing was."""
    files = list(written)
    if not files:
        return ()
    findings = sum(len(file.repair.fixed) for file in files)
    return (
        f"fixed {counted(findings, 'finding')} in {counted(len(files), 'file')}",
        *(f"  {printable(file.path)}: {file.codes}" for file in files),
    )


@dataclass(slots=True)
class Fixable:
    """How many findings ``--fix`` would mend, and how many more ``--unsafe-fixes``."""

    safe: int = 0
    unsafe: int = 0

    def count(self, verdict: Verdict) -> None:
        """Count those of one more file, by trying them."""
        form, text = format_of(verdict.path), verdict.judgement.text
        if form is None or text is None or len(text) > _LARGEST_COUNTED:
            return
        if not proposals(verdict.judgement, form, unsafe=True):
            return
        writable = verdict.judgement.writable_by_others
        rules = verdict.within.rules
        judging = _judge(verdict.path, form, rules, {}, writable_by_others=writable)
        content = text.encode()
        before = verdict.judgement
        if any(diagnostic.code == "SET001" for diagnostic in before.diagnostics):
            before = judging(content)  # by itself: which id is taken says the folder
        safely = repair(content, form, before, judging, tries=_TRIES)
        every = repair(safely.content, form, safely.judgement, judging, unsafe=True, tries=_TRIES)
        self.safe += len(safely.fixed)
        self.unsafe += max(len(gone(before, every.judgement)) - len(safely.fixed), 0)

    @property
    def line(self) -> str:
        """The two numbers as a line for people; empty if both are 0."""
        said = [f"{self.safe} fixable with --fix"] if self.safe else []
        if self.unsafe:
            said.append(f"{self.unsafe} {'more' if said else 'fixable'} with --fix --unsafe-fixes")
        return ", ".join(said)


def _mend(path: str, rules: Ruleset, holders: Mapping[str, str], *, unsafe: bool) -> Mended | None:
    form = format_of(path)
    try:
        content, mode = read_with_mode(path)
    except UnreadableError:  # the report says why
        return None
    if form is None:
        raise ValueError(f"{path} does not have the suffix of a policy")
    judging = _judge(path, form, rules, holders, writable_by_others=writable_by_others(mode))
    result = repair(content, form, judging(content), judging, unsafe=unsafe)
    return Mended(path, content, result) if result.fixed or result.held_back else None


def _tell_held_back(file: Mended) -> None:
    """Say which fixes were not made, so that nobody waits for them."""
    for diagnostic, reason in file.repair.held_back:
        field = f" of {diagnostic.field}" if diagnostic.field else ""
        tell(f"{file.path}: {diagnostic.code}{field} is not fixed: {reason}")


def _judge(
    path: str,
    form: Format,
    rules: Ruleset,
    holders: Mapping[str, str],
    *,
    writable_by_others: bool,
) -> Judge:
    """Judge as ``check`` does, the ids that other files hold included."""

    def judging(content: bytes) -> Judgement:
        judgement = judge(content, form, rules, path, writable_by_others=writable_by_others)
        holder = holders.get(judgement.policy_id or "", path)
        if not judgement.accepted or holder == path:
            return judgement
        return replace(judgement, diagnostics=taken_by_another(judgement, holder), accepted=False)

    return judging


def _masked(content: bytes) -> bytes:
    """Give a content with its secrets masked, line by line."""
    lines = content.decode().split("\n")
    for number, spans in enumerate(secret_spans(lines)):
        for start, end in reversed(spans):
            lines[number] = lines[number][:start] + MASK + lines[number][end:]
    return "\n".join(lines).encode()
