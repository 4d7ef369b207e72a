"""What names and numbers from a peer may be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zisk.cluster.errors import WireError
from zisk.cluster.protocol import fields

TEXT_CHECKS = [
    fields.check_worker_id,
    fields.check_hash_id,
    fields.check_job_id,
    fields.check_data_id,
    fields.check_inputs_uri,
]


def refusal_of(check: Callable[[str], None], text: str) -> str | None:
    """Why a text is refused; None where it is not."""
    try:
        check(text)
    except WireError as error:
        return str(error)
    return None


@pytest.mark.parametrize("check", TEXT_CHECKS)
@given(text=st.text(max_size=300) | st.from_regex(r"\A[A-Za-z0-9._:@%+-]*\n?\Z"))
def test_what_passes_is_short_and_what_does_not_is_told_in_one_line(
    check: Callable[[str], None], text: str
) -> None:
    refusal = refusal_of(check, text)
    if refusal is not None:
        assert refusal.isprintable()
        assert len(refusal) < 1000
        return
    assert len(text.encode()) <= 4096
    assert text.isprintable() or check is fields.check_inputs_uri
    if check is fields.check_worker_id:
        assert text
        assert text.isascii()


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (fields.check_worker_id, "7f9b2e5c-0c7e-4d53-9a4b-6a1f7e2d9c11"),
        (fields.check_worker_id, "host-1.example.org"),
        (fields.check_hash_id, "0123456789abcdef" * 4),
        (fields.check_job_id, "7f9b2e5c-0c7e-4d53-9a4b-6a1f7e2d9c11"),
        (fields.check_data_id, ""),
        (fields.check_data_id, "Block 21 000 000, größer"),
        (fields.check_inputs_uri, ""),
        (fields.check_inputs_uri, "file:///data/inputs/block.bin"),
    ],
)
def test_what_is_in_use_passes(check: Callable[[str], None], text: str) -> None:
    check(text)


@pytest.mark.parametrize("units", [1, 10, 4096])
def test_capacities_that_are_some(units: int) -> None:
    fields.check_capacity(units)


@pytest.mark.parametrize("units", [0, -1, 4097, 2**32 - 1])
def test_capacities_that_are_none(units: int) -> None:
    with pytest.raises(WireError, match=f"no worker has a compute capacity of {units}: it is from 1 to 4096"):
        fields.check_capacity(units)
