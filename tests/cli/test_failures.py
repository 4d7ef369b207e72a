"""Failures become one line and one exit code."""

import pytest

from zisk.cli.exits import check_exit
from zisk.cli.failures import CommandError, explain, families
from zisk.exit_codes import ExitCode


@pytest.mark.parametrize(
    ("error", "explained"),
    [
        (CommandError(ExitCode.BAD_FILE, "two\n lines"), (ExitCode.BAD_FILE, "two lines")),
        (CommandError(ExitCode.BAD_FILE, "\x1b[2Jgone"), (ExitCode.BAD_FILE, "\\x1b[2Jgone")),
        (
            CommandError(ExitCode.BAD_FILE, "x" * 5000),
            (ExitCode.BAD_FILE, "x" * 4096 + "... (904 more characters)"),
        ),
        (KeyboardInterrupt(), (ExitCode.INTERRUPTED, "interrupted")),
        (
            MemoryError(),
            (
                ExitCode.HOST,
                "the machine has no memory left for this; choose a smaller --size, or a larger machine",
            ),
        ),
        (
            OSError(28, "No space left on device", "/data/proof"),
            (
                ExitCode.HOST,
                "/data/proof: No space left on device; check free space and permissions, then try again",
            ),
        ),
        (ValueError("a defect"), None),
    ],
)
def test_each_expected_failure_has_a_line(
    error: BaseException, explained: tuple[ExitCode, str] | None
) -> None:
    assert explain(error) == explained


def test_an_exit_code_is_judged_only_when_asked() -> None:
    assert check_exit(3, None) == ExitCode.OK
    assert check_exit(3, 3) == ExitCode.OK
    with pytest.raises(CommandError) as caught:
        check_exit(3, 0)
    assert caught.value.code == ExitCode.REFUSED


def test_every_family_of_errors_exists() -> None:
    assert [family.__name__ for family in families()] == [
        "StepLimitError",
        "GuestFault",
        "GuestError",
        "VerificationError",
        "JobTooLargeError",
        "ProverError",
        "ClusterError",
    ]


def test_an_error_of_the_cluster_brings_its_own_code() -> None:
    from zisk.cluster.errors import CoordinatorUnreachableError

    error = CoordinatorUnreachableError("nobody answers; start zisk-coordinator")
    assert explain(error) == (ExitCode.NO_CAPACITY, "nobody answers; start zisk-coordinator")
