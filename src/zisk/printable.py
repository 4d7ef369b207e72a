"""Text from elsewhere, made fit for a terminal, a log and an error."""

__all__ = ["MOST_LETTERS", "SHOWN_LETTERS", "is_text", "printable"]

MOST_LETTERS = 4096
"""How much of a text is shown unless less is asked for: the longest path of Linux."""

SHOWN_LETTERS = 64
"""How much is shown of a name that is none."""


def printable(text: str, most: int = MOST_LETTERS) -> str:
    """The text with everything escaped that moves a cursor, ends a line or shows as nothing.

    Neither a terminal nor who reads a log line by line takes any of it for more than text. Of a text of more
    than `most` characters the first `most` are shown, and how many follow is said.
    """
    head = text[:most]
    if not head.isprintable():
        head = "".join(letter if letter.isprintable() else _escaped(letter) for letter in head)
    return head if len(text) <= most else f"{head}... ({len(text) - most:,} more characters)"


def is_text(text: str) -> bool:
    """Whether UTF-8 can write it: not what stands for bytes of a command line that are no text."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _escaped(letter: str) -> str:
    return ascii(letter)[1:-1]
