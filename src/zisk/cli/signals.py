"""The signals that ask a program to end."""

import asyncio
import signal


class SignalBox:
    """SIGINT and SIGTERM as something to wait for."""

    def __init__(self) -> None:
        self._received: asyncio.Queue[int] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._received.put_nowait, number)

    async def wait(self) -> int:
        """The number of the next signal."""
        return await self._received.get()
