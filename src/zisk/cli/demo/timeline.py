"""A picture of who did what when: one row for each worker, one mark for each phase."""

from collections.abc import Sequence
from dataclasses import dataclass

MARKS = {"contributions": "-", "prove": "=", "set up": "o", "fold": "+", "final proof": "#"}
"""The mark of each thing that a worker is at; circuits are set up once in the life of a worker."""


@dataclass(frozen=True, slots=True)
class Span:
    """One phase of one worker; `start` and `end` in seconds since the job began."""

    worker: str
    phase: str
    start: float
    end: float


def timeline_lines(spans: Sequence[Span], width: int = 60) -> list[str]:
    """The picture and its figures, as lines of plain text.

    Rows are in the order in which workers first appear; `width` characters stand for the whole of the time.
    A span is drawn at least one character wide; where two meet in a character the later is seen.
    """
    if not spans:
        return []
    whole = max(span.end for span in spans) or 1.0
    workers = list(dict.fromkeys(span.worker for span in spans))
    label = max(len(worker) for worker in workers)
    lines = [f"{'':<{label}}  0 s{f'{whole:.1f} s':>{width - 3}}"]
    for worker in workers:
        row = [" "] * width
        for span in sorted((one for one in spans if one.worker == worker), key=lambda one: one.start):
            first = min(int(span.start / whole * width), width - 1)
            last = max(first + 1, min(round(span.end / whole * width), width))
            row[first:last] = MARKS[span.phase] * (last - first)
        lines.append(f"{worker:<{label}}  {''.join(row).rstrip()}")
    phases = [phase for phase in MARKS if any(span.phase == phase for span in spans)]
    lines.append(f"{'':<{label}}  " + "   ".join(f"{MARKS[phase] * 3} {phase}" for phase in phases))
    lines.append("")
    for worker in workers:
        parts = []
        for phase in phases:
            seconds = sum(one.end - one.start for one in spans if (one.worker, one.phase) == (worker, phase))
            if seconds:
                parts.append(f"{phase} {seconds:.1f} s")
        lines.append(f"{worker:<{label}}  {', '.join(parts)}")
    return lines
