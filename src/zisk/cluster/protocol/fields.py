"""What names and numbers from a peer may be: checked where they come in, before anything is made of them."""

import re
from collections.abc import Callable

from zisk.choices import MAXIMAL_UNITS
from zisk.cluster.errors import WireError
from zisk.printable import SHOWN_LETTERS, printable

__all__ = [
    "MOST_ACTIVITY_LETTERS",
    "MOST_DATA_ID_LETTERS",
    "check_capacity",
    "check_data_id",
    "check_hash_id",
    "check_inputs_uri",
    "check_job_id",
    "check_worker_id",
]

MOST_ACTIVITY_LETTERS = 256
"""Letters of what a worker says that it is at; more are cut off."""

_WORKER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@%+-]{0,127}")
"""Host names, addresses, names of pods and UUIDs are ids."""

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HASH_ID = re.compile("[0-9a-f]{64}")

MOST_DATA_ID_LETTERS = 256
"""Longest label of a job."""

_MOST_URI_BYTES = 4096


def check_worker_id(text: str) -> None:
    """Refuse what is no id of a worker.

    Raises:
        WireError: it is none.

    """
    _check(
        text,
        _WORKER_ID.fullmatch,
        "id of a worker",
        "it has 1 to 128 of A-Z a-z 0-9 . _ : @ % + - and begins with a letter or a digit; set --worker-id",
    )


def check_capacity(units: int) -> None:
    """Refuse what no worker is worth.

    Raises:
        WireError: it is that.

    """
    if not 1 <= units <= MAXIMAL_UNITS:
        raise WireError(
            f"no worker has a compute capacity of {units}: it is from 1 to {MAXIMAL_UNITS}; "
            "set --compute-capacity"
        )


def check_hash_id(text: str) -> None:
    """Refuse what names no program.

    Raises:
        WireError: it does not.

    """
    _check(text, _HASH_ID.fullmatch, "program", "its hash_id has 64 digits of 0-9 a-f")


def check_job_id(text: str) -> None:
    """Refuse what is no id of a job.

    Raises:
        WireError: it is none.

    """
    _check(text, _JOB_ID.fullmatch, "id of a job", "it has 1 to 64 of A-Z a-z 0-9 _ -")


def check_data_id(text: str) -> None:
    """Refuse what is no label of a job; empty is one.

    Raises:
        WireError: it is none.

    """
    _check(text, _is_label, "data_id", f"it has at most {MOST_DATA_ID_LETTERS} printable characters")


def check_inputs_uri(text: str) -> None:
    """Refuse what can name no input.

    Raises:
        WireError: it cannot.

    """
    _check(text, _is_short_enough, "inputs_uri", f"it has at most {_MOST_URI_BYTES} bytes")


def _is_label(text: str) -> bool:
    return len(text) <= MOST_DATA_ID_LETTERS and text.isprintable()


def _is_short_enough(text: str) -> bool:
    return len(text) <= _MOST_URI_BYTES and len(text.encode()) <= _MOST_URI_BYTES


def _check(text: str, is_one: Callable[[str], object], what: str, rule: str) -> None:
    if not is_one(text):
        raise WireError(f"'{printable(text, SHOWN_LETTERS)}' is no {what}: {rule}")
