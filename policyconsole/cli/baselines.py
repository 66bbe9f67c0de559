"""The baseline of ``check``: written, or told which of its findings are no longer there."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from policyconsole.cli.report_file import report_file
from policyconsole.cli.streams import tell
from policyconsole.cli.text import counted
from policyconsole.cli.verdicts import Found, Verdict, judge_all
from policyconsole.validation.baseline import Baseline, KnownFinding


def write_baseline(path: str, found: Sequence[Found]) -> list[Found]:
    """Write what is found in the files to ``path``; gives the PATHs to be judged by it.

    Raises :class:`~policyconsole.cli.streams.OutputError` where it cannot be written.
    """
    with report_file(path, found) as write:
        baseline = Baseline.of(
            path,
            ((one.path, one.judgement.text, one.judgement.diagnostics) for one in judge_all(found)),
        )
        write(baseline.text)
    tell(f"{counted(len(baseline.findings), 'finding')} written to {path}")
    return [replace(place, rules=replace(place.rules, baseline=baseline)) for place in found]


@dataclass(slots=True)
class _Used:
    """One baseline: the verdicts on its files, by their paths in it, and what was found again."""

    baseline: Baseline
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    again: set[KnownFinding] = field(default_factory=set)


class BaselineUse:
    """What of the baselines was found again while files are judged."""

    def __init__(self) -> None:
        self._used: dict[int, _Used] = {}

    def noting(self, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """Give the verdicts as they come, and note what each knows."""
        for verdict in verdicts:
            baseline = verdict.within.rules.baseline
            if baseline is not None:
                used = self._used.setdefault(id(baseline), _Used(baseline))
                used.verdicts[baseline.relative(verdict.path)] = verdict
                used.again.update(verdict.judgement.known)
            yield verdict

    def tell(self) -> None:
        """Say on standard error how many findings are no longer there, if any.

        Their file is gone, or has none such. Those of rules that did not run, and of files
        that were not looked at, may still be there.
        """
        gone = {
            (used.baseline.folder, finding)
            for used in self._used.values()
            for finding in used.baseline.findings
            if finding not in used.again and _is_gone(finding, used)
        }
        if gone:
            what = counted(len(gone), "finding of the baseline is", "findings of the baseline are")
            tell(f"{what} no longer there: write it again with --write-baseline")


def _is_gone(finding: KnownFinding, used: _Used) -> bool:
    verdict = used.verdicts.get(finding.path)
    if verdict is None:
        return not os.path.lexists(os.path.join(used.baseline.folder, finding.path))
    policy, rules = verdict.judgement.policy, verdict.within.rules.of_file(verdict.path)
    return policy is not None and rules.runs(finding.code, policy.config)
