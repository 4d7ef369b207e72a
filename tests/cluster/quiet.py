"""Taking back what the programs do to the log."""

import logging

NAMES = ("zisk", "aiohttp", "asyncio", "grpc", "py.warnings")


def quiet() -> None:
    """Let logs go where they went before a program started its own."""
    logging.captureWarnings(False)
    for name in NAMES:
        logger = logging.getLogger(name)
        for handler in logger.handlers:
            handler.close()
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
