"""The client of the admin API, and a coordinator that answers what cannot be."""

# ruff: noqa: N802 - methods bear the names of the calls they answer.

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest

from tests.cluster.background import background_cluster
from zisk.cluster.errors import CoordinatorUnreachableError, SubmissionRefusedError, WireError
from zisk.cluster.launch_client import Launch, LaunchClient
from zisk.cluster.protocol.generated import distributed_pb2 as wire
from zisk.cluster.protocol.generated.distributed_pb2_grpc import (
    ZiskDistributedApiServicer,
    add_ZiskDistributedApiServicer_to_server,
)
from zisk.errors import ErrorKind, ZiskError
from zisk.printable import SHOWN_LETTERS, printable


@dataclass
class Coordinator(ZiskDistributedApiServicer):
    """Answers with what the test made up."""

    job_id: str = "job"
    job: wire.JobStatus = field(default_factory=wire.JobStatus)

    def LaunchProof(self, request, context):
        return wire.LaunchProofResponse(job_id=self.job_id)

    def JobStatus(self, request, context):
        return wire.JobStatusResponse(job=self.job)


@pytest.fixture
def coordinator() -> Coordinator:
    return Coordinator()


@pytest.fixture
def client(coordinator: Coordinator) -> Iterator[LaunchClient]:
    server = grpc.server(ThreadPoolExecutor(1))
    add_ZiskDistributedApiServicer_to_server(coordinator, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with LaunchClient(f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.stop(None).wait()


@pytest.mark.parametrize("name", ["", "..", "a/../b", "job\x1b[2J", "x" * 65])
def test_a_job_has_a_name_that_a_file_can_have(
    coordinator: Coordinator, client: LaunchClient, name: str
) -> None:
    coordinator.job_id = name
    with pytest.raises(WireError) as caught:
        client.launch(Launch())
    shown = printable(name, SHOWN_LETTERS)
    assert str(caught.value) == (
        f"the coordinator calls the job '{shown}': no job of this version is called so"
    )


def test_a_form_that_is_not_known_is_named(coordinator: Coordinator, client: LaunchClient) -> None:
    coordinator.job.form = "groth16"
    with pytest.raises(WireError, match="proofs of form 'groth16', which this version does not know; ask"):
        client.standing("job")


def test_every_worker_has_what_it_is_at(coordinator: Coordinator, client: LaunchClient) -> None:
    coordinator.job = wire.JobStatus(form="final", assigned_workers=["a", "b"], activities=["fold"])
    with pytest.raises(WireError, match="names 2 workers of the job, and says what 1 are at"):
        client.standing("job")


@pytest.mark.parametrize(
    ("kind", "known", "text"),
    [
        ("input", ErrorKind.INPUT, "job job failed: no"),
        (
            "whim",
            ErrorKind.WORKER_ERROR,
            "job job failed for a reason that this version does not know, 'whim': no",
        ),
    ],
)
def test_a_failure_is_told_whether_its_kind_is_known_or_not(
    coordinator: Coordinator, client: LaunchClient, kind: str, known: ErrorKind, text: str
) -> None:
    coordinator.job = wire.JobStatus(state="Failed", failure_kind=kind, failure_message="no")
    with pytest.raises(ZiskError) as caught:
        client.proof("job")
    assert (caught.value.kind, str(caught.value)) == (known, text)


def test_the_port_of_clients_is_no_port_to_launch_at(tmp_path: Path) -> None:
    with background_cluster(tmp_path) as cluster:
        url = f"http://127.0.0.1:{cluster.endpoints.api_port}"
        with LaunchClient(url) as client, pytest.raises(CoordinatorUnreachableError) as caught:
            client.launch(Launch())
    assert str(caught.value) == (
        f"what listens at {url} does not know zisk.distributed.api.v1: it is another port, no coordinator, "
        "or one of another version; give the port of a coordinator's workers (50051 unless it is set)"
    )


def test_a_refusal_is_not_taken_for_a_wrong_port(tmp_path: Path) -> None:
    with background_cluster(tmp_path) as cluster:
        url = f"http://127.0.0.1:{cluster.endpoints.cluster_port}"
        with (
            LaunchClient(url) as client,
            pytest.raises(SubmissionRefusedError, match="no worker is connected"),
        ):
            client.launch(Launch())
