"""Programs that stay set up between jobs."""

from collections import OrderedDict
from collections.abc import Callable

from zisk.cluster.engines.protocol import EngineProgram, ProverEngine
from zisk.cluster.tasks import JobRequest
from zisk.progress import NULL_PROGRESS, Progress

__all__ = ["ProgramCache"]


class ProgramCache:
    """The `most` programs that were used last, set up; each holds its tables in memory."""

    def __init__(self, engine: ProverEngine, most: int) -> None:
        self._engine = engine
        self._most = most
        self._programs: OrderedDict[tuple[str, int, int], EngineProgram] = OrderedDict()

    def program(
        self, request: JobRequest, elf: Callable[[], bytes], progress: Progress = NULL_PROGRESS
    ) -> EngineProgram:
        """The program of a job. Where it is not set up, `elf` gives its bytes."""
        key = (request.hash_id, request.log_size, request.security)
        if key not in self._programs:
            self._programs[key] = self._engine.setup(
                elf(), log_size=request.log_size, security=request.security, progress=progress
            )
            while len(self._programs) > self._most:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        return self._programs[key]
