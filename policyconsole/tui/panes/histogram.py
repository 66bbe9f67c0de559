"""The histogram of a stage, as lines: one bin each, the target between two of them."""

from collections.abc import Sequence

from policyconsole.dashboard import STAGE_TARGETS, histogram_bins
from policyconsole.tui.drawing import Line, Tone, fit, fit_right

_RANGE, _COUNT, _SHARE = 15, 9, 6


def histogram_lines(stage: str, counts: Sequence[int], width: int, height: int) -> list[Line]:
    """Draw the durations of a stage in at most ``height`` lines; ``counts`` are those of the bins."""
    target = STAGE_TARGETS.get(stage)
    bins = histogram_bins(counts, target, max(1, height - 1 - (target is not None)))
    if not bins:
        return [[(f" {stage}: nothing has been measured yet.", Tone.MUTED)]]
    total, most = sum(one.count for one in bins), max(one.count for one in bins)
    room = max(1, width - _RANGE - _COUNT - _SHARE - 2)
    head = fit_right("ms", _RANGE) + "  " + fit(stage, room) + fit_right("runs", _COUNT)
    lines: list[Line] = [[(head, Tone.MUTED)]]
    for one in bins:
        missed = target is not None and one.low is not None and one.low >= target
        bar = "█" * round(one.count / most * room) or ("▏" if one.count else "")
        share = f"{one.count / total:.0%}" if one.count else ""
        lines.append(
            [
                (fit_right(one.words, _RANGE), Tone.TEXT),
                (" │", Tone.MUTED),
                (fit(bar, room), Tone.BAD if missed else Tone.BAR),
                (fit_right(f"{one.count:,}", _COUNT), Tone.TEXT if one.count else Tone.MUTED),
                (fit_right(share, _SHARE), Tone.MUTED),
            ]
        )
        if target is not None and one.high == target:
            rule = f"── target {target:.0f} ms ".ljust(room, "─")
            lines.append([(" " * _RANGE + " ├", Tone.MUTED), (rule, Tone.MUTED)])
    return lines[: max(1, height)]
