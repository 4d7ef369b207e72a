"""A coordinator and its workers over real connections, with a prover that only pretends."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable
from pathlib import Path

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from tests.cluster.fake_engine import OUTPUTS, FakeEngine, program_of, proof_of
from tests.cluster.running import ELF, RunningCluster, play
from zisk.cluster.coordinator.client_service import public_bytes
from zisk.cluster.protocol.generated import coordinator_pb2 as api
from zisk.cluster.protocol.generated import distributed_pb2 as admin
from zisk.cluster.protocol.payload import digest_of
from zisk.cluster.scheduling.jobs import JobState


async def refusal(call: Awaitable[object]) -> tuple[grpc.StatusCode, str]:
    """How a call is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), caught.value.details() or ""


def test_large_inputs_and_programs_travel_as_artifacts(tmp_path: Path):
    elf, data = bytes(3 << 20), b"x" * (2 << 20)

    async def story(cluster: RunningCluster) -> None:
        hash_id = await cluster.upload(elf)
        assert hash_id == digest_of(elf).hex()
        response = await cluster.wait(await cluster.prove(data, hash_id=hash_id))
        assert response.result.prove.proof.data == proof_of(elf, data)

    play(tmp_path, "ab", story)


def test_size_and_capacity_reach_the_prover(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"input", compute_capacity=3, options=api.ProofOptions(log_size=16))
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"input", units=3, log_size=16)

    play(tmp_path, "a", story)


def test_execute_and_setup(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        hash_id = await cluster.upload()
        executed = await cluster.wait(
            await cluster.submit(api.JobKind(execute=api.ExecuteRequest(hash_id=hash_id)))
        )
        stats = executed.result.execute.stats
        assert (stats.steps, stats.cycles, stats.segments, stats.exit_code) == (1_200, 1_000, 3, 0)
        assert executed.result.execute.public_outputs == public_bytes(OUTPUTS)
        set_up = await cluster.wait(
            await cluster.submit(api.JobKind(setup=api.SetupRequest(hash_id=hash_id)))
        )
        assert set_up.result.setup.vk == program_of(ELF).key

    play(tmp_path, "ab", story)


def test_watching_tells_everything_in_order(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"input")
        watched = [event async for event in cluster.client.WatchJob(api.WatchJobRequest(job_id=job_id))]
        assert [event.WhichOneof("event") for event in watched] == [
            "queued",
            "started",
            "progress",
            "progress",
            "completed",
        ]
        again = [event async for event in cluster.client.WatchJob(api.WatchJobRequest(job_id=job_id))]
        assert again == watched

    play(tmp_path, "ab", story)


def test_launch_proof_proves_the_program_of_the_workers(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        (cluster.inputs / "input.bin").write_bytes(b"from a file")
        job_id = await cluster.launch(
            compute_capacity=8, inputs_mode=admin.INPUT_MODE_PATH, inputs_uri="input.bin", data_id="mine"
        )
        await cluster.until(lambda: cluster.shell.machine.state.jobs[job_id].state.terminal)
        status = (await cluster.admin.JobStatus(admin.JobStatusRequest(job_id=job_id))).job
        assert (status.state, status.phase, status.data_id) == ("Completed", "Aggregate", "mine")
        assert list(status.assigned_workers) == ["a", "b"]
        assert status.proof == proof_of(ELF, b"from a file", units=8)

    play(tmp_path, "ab", story)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd"])
def test_an_input_outside_the_folder_is_refused(tmp_path: Path, name: str):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.launch(compute_capacity=4, inputs_mode=admin.INPUT_MODE_PATH, inputs_uri=name)
        await cluster.until(lambda: cluster.shell.machine.state.jobs[job_id].state.terminal)
        status = (await cluster.admin.JobStatus(admin.JobStatusRequest(job_id=job_id))).job
        assert status.failure_kind == "input"
        assert f"input {name} lies outside {cluster.inputs}" in status.failure_message

    play(tmp_path, "a", story)


def test_launches_that_cannot_be(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        assert await refusal(cluster.launch(compute_capacity=4)) == (
            grpc.StatusCode.UNAVAILABLE,
            "no worker is connected; start one: zisk-worker --elf FILE --coordinator-url URL",
        )
        await cluster.start_worker("a", elf=None)
        code, _ = await refusal(cluster.launch(compute_capacity=4))
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        await cluster.start_worker("b")
        code, text = await refusal(cluster.launch(compute_capacity=9))
        assert (code, text) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "Insufficient compute capacity: 9 units asked for, 8 connected; "
            "start more workers or ask for at most 8 with --compute-capacity",
        )
        code, _ = await refusal(cluster.launch(compute_capacity=0))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        await cluster.start_worker("c", elf=b"another program")
        code, text = await refusal(cluster.launch(compute_capacity=4))
        assert code is grpc.StatusCode.FAILED_PRECONDITION
        assert "worker b has" in text
        assert "worker c has" in text

    play(tmp_path, "", story)


def test_requests_that_cannot_be(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        code, _ = await refusal(cluster.prove(b"", hash_id="00" * 32))
        assert code is grpc.StatusCode.NOT_FOUND
        code, _ = await refusal(cluster.submit(api.JobKind()))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        code, text = await refusal(cluster.prove(b"", options=api.ProofOptions(log_size=17)))
        assert (code, text) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "there are no segments of 2^17 steps; choose a size of 16, 18, 20, 22",
        )
        code, _ = await refusal(cluster.client.PushJobInput(iter([api.PushJobInputRequest()])))
        assert code is grpc.StatusCode.UNIMPLEMENTED
        code, text = await refusal(cluster.prove(b"", proof_dest="PROOF_KIND_PLONK"))
        assert (code, text) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "this version makes no proofs of PROOF_KIND_PLONK; "
            "ask for PROOF_KIND_STARK or PROOF_KIND_STARK_MINIMAL",
        )
        for call in (
            cluster.prove(b"", options=api.ProofOptions(form="snark")),
            cluster.launch(compute_capacity=4, options=admin.ProofOptions(form="snark")),
        ):
            code, text = await refusal(call)
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert "there is no proof form 'snark'" in text
        code, _ = await refusal(cluster.submit(api.JobKind(wrap=api.WrapRequest())))
        assert code is grpc.StatusCode.UNIMPLEMENTED
        code, _ = await refusal(cluster.wait("no such job"))
        assert code is grpc.StatusCode.NOT_FOUND

    play(tmp_path, "a", story)


def test_a_guest_fault_fails_the_job_and_names_the_worker(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        response = await cluster.wait(await cluster.prove(b"fault"))
        failure = response.job_status.failed.failure
        assert failure.failure_kind == "guest_fault"
        assert failure.execution.reason in {f"worker {name}: guest fault: unimp" for name in "ab"}

    play(tmp_path, "ab", story)


def test_contributions_that_contradict_each_other_are_refused(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        response = await cluster.wait(await cluster.prove(b"liar"))
        failure = response.job_status.failed.failure
        assert failure.failure_kind == "bad_contribution"
        assert failure.message == "the contributions of the workers do not fit together: the claims differ"

    play(tmp_path, "ab", story)


def test_a_job_outlives_its_workers(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow")
        job = cluster.shell.machine.state.jobs[job_id]
        await cluster.until(lambda: len(job.shares) == 3)
        await cluster.stop_worker("b")
        await cluster.until(lambda: [share.worker for share in job.shares] == ["a", None, "c"])
        await cluster.stop_worker("a")
        await cluster.stop_worker("c")
        assert job.state is JobState.RUNNING
        await cluster.start_worker("quick", engine=FakeEngine(hasty=True))
        response = await cluster.wait(job_id)
        assert response.result.prove.proof.data == proof_of(ELF, b"slow")

    play(tmp_path, "abc", story)


def test_a_cancelled_job_frees_its_workers_before_it_would_be_done(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow")
        await cluster.until(lambda: cluster.shell.machine.state.jobs[job_id].state is JobState.RUNNING)
        assert (await cluster.client.CancelJob(api.CancelJobRequest(job_id=job_id))).cancelled
        assert not (await cluster.client.CancelJob(api.CancelJobRequest(job_id=job_id))).cancelled
        assert (await cluster.wait(job_id)).job_status.WhichOneof("status") == "cancelled"
        await cluster.until(lambda: len(cluster.shell.machine.state.idle()) == 2)

    play(tmp_path, "ab", story)


def test_jobs_on_the_client_api_wait_their_turn(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        jobs = [await cluster.prove(f"input {number}".encode()) for number in range(4)]
        for number, job_id in enumerate(jobs):
            response = await cluster.wait(job_id)
            assert response.result.prove.proof.data == proof_of(ELF, f"input {number}".encode())

    play(tmp_path, "ab", story)


def test_a_worker_comes_back_after_its_connection_ends(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        first = cluster.shell.machine.state.workers["a"].connection
        cluster.shell._send(first, None)
        await cluster.until(
            lambda: (
                "a" in cluster.shell.machine.state.workers
                and cluster.shell.machine.state.workers["a"].connection != first
            )
        )

    play(tmp_path, "a", story)


def test_lists_and_status(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow", compute_capacity=4)
        await cluster.until(lambda: cluster.shell.machine.state.jobs[job_id].state is JobState.RUNNING)
        status = (await cluster.admin.SystemStatus(admin.SystemStatusRequest())).status
        assert status == admin.SystemStatus(
            total_workers=2, compute_capacity=8, idle_workers=1, busy_workers=1, active_jobs=1
        )
        workers = (await cluster.admin.WorkersList(admin.WorkersListRequest())).workers_list.workers
        assert [(worker.worker_id, worker.state) for worker in workers] == [
            ("a", "Computing(Contributions)"),
            ("b", "Idle"),
        ]
        free = await cluster.admin.WorkersList(admin.WorkersListRequest(available_only=True))
        assert [worker.worker_id for worker in free.workers_list.workers] == ["b"]
        jobs = (await cluster.admin.JobsList(admin.JobsListRequest(active_only=True))).jobs_list.jobs
        assert [(job.job_id, job.state) for job in jobs] == [(job_id, "Running (Contributions)")]
        await cluster.client.CancelJob(api.CancelJobRequest(job_id=job_id))
        active = await cluster.admin.JobsList(admin.JobsListRequest(active_only=True))
        assert list(active.jobs_list.jobs) == []
        info = await cluster.admin.StatusInfo(admin.StatusInfoRequest())
        assert (info.service_name, info.metrics.active_connections) == ("ZisK Coordinator", 2)

    play(tmp_path, "ab", story)


def test_a_status_waits_for_news(tmp_path: Path):
    async def story(cluster: RunningCluster) -> None:
        job_id = await cluster.prove(b"slow", compute_capacity=4)

        async def asked(**seen: int) -> admin.JobStatus:
            return (await cluster.admin.JobStatus(admin.JobStatusRequest(job_id=job_id, **seen))).job

        await cluster.until(lambda: cluster.shell.machine.state.jobs[job_id].state is JobState.RUNNING)
        first = await asked()
        assert first.revision != 0
        assert (await asked(seen_revision=1, wait_seconds=60)).state == first.state
        waiting = asyncio.create_task(asked(seen_revision=first.revision, wait_seconds=60))
        assert (await asyncio.wait_for(waiting, 30)).revision != first.revision
        last = await asked()
        waiting = asyncio.create_task(asked(seen_revision=last.revision, wait_seconds=60))
        await cluster.client.CancelJob(api.CancelJobRequest(job_id=job_id))
        await asyncio.wait_for(waiting, 30)
        over = await asked()
        started = time.monotonic()
        again = await asked(seen_revision=over.revision, wait_seconds=60)
        assert (again.state, again.revision) == ("Cancelled", over.revision)
        assert time.monotonic() - started < 10

    play(tmp_path, "a", story)


def test_health_over_grpc_and_http(tmp_path: Path):
    def fetch(port: int) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as response:
            assert response.status == 200
            return json.load(response)

    async def story(cluster: RunningCluster) -> None:
        for port in (cluster.endpoints.api_port, cluster.endpoints.cluster_port):
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                check = health_pb2_grpc.HealthStub(channel).Check  # pyright: ignore[reportAttributeAccessIssue]
                answer = await check(health_pb2.HealthCheckRequest())
                assert answer.status == health_pb2.HealthCheckResponse.SERVING
        report = await asyncio.to_thread(fetch, cluster.endpoints.metrics_port)
        assert (report["status"], report["workers"], report["compute_capacity"]) == ("ok", 1, 4)

    play(tmp_path, "a", story)


def test_reflection_lists_the_services(tmp_path: Path):
    def services(port: int) -> set[str]:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            return set(ProtoReflectionDescriptorDatabase(channel).get_services())

    async def story(cluster: RunningCluster) -> None:
        everywhere = {
            "zisk.artifacts.v1.ZiskArtifacts",
            "zisk.cluster.v1.ZiskCluster",
            "grpc.health.v1.Health",
            "grpc.reflection.v1alpha.ServerReflection",
        }
        api_services = await asyncio.to_thread(services, cluster.endpoints.api_port)
        assert api_services == everywhere | {"zisk.coordinator.v1.ZiskCoordinatorApi"}
        cluster_services = await asyncio.to_thread(services, cluster.endpoints.cluster_port)
        assert cluster_services == everywhere | {"zisk.distributed.api.v1.ZiskDistributedApi"}

    play(tmp_path, "", story)
