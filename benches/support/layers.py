"""Times of a job's layers: the core proof, setting circuits up, and every layer of recursion apart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from zisk.prover.folding import FOLDING
from zisk.stages import Stage, StageClock

LAYERS = (Stage.CIRCUIT, *FOLDING)
"""What is timed apart from the core proof."""


@dataclass(slots=True)
class Layer:
    """All proofs of one layer, or all that was set up.

    Attributes:
        count: how often the layer was entered: proofs made, parts checked, or requests for circuits.
        wall: seconds.
        clock: processor seconds of the layer and of the stages in it.
    """

    stage: str
    count: int = 0
    wall: float = 0.0
    clock: StageClock = field(default_factory=lambda: StageClock(time.process_time))

    @property
    def processor(self) -> float:
        """Processor seconds of the whole layer."""
        return self.clock.whole.get(self.stage, 0.0)

    def processor_of(self, stage: str) -> float:
        """Processor seconds of a stage in the layer."""
        return self.clock.seconds.get(stage, 0.0)


class LayerClock:
    """Takes the stages of a job and keeps those inside a layer apart from those of the core proof.

    Attributes:
        core: processor seconds of each stage of the core proof.
        layers: those entered so far.
    """

    def __init__(self) -> None:
        self.core = StageClock(time.process_time)
        self.layers: dict[str, Layer] = {}
        self._now = self.core

    def layer(self, stage: str) -> Layer:
        """A layer, empty if it was never entered."""
        return self.layers.get(stage, Layer(stage))

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Count the time until the context ends for this stage of the layer that is open."""
        if stage not in LAYERS:
            with self._now.stage(stage):
                yield
            return
        layer = self.layers.setdefault(stage, Layer(stage))
        outer, self._now, start = self._now, layer.clock, time.perf_counter()
        try:
            with layer.clock.stage(stage):
                yield
        finally:
            self._now = outer
            layer.wall += time.perf_counter() - start
            layer.count += 1
