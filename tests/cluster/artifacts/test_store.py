"""The store of artifacts."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.errors import ArtifactError, SubmissionRefusedError
from zisk.cluster.protocol.payload import Inline, Stored, digest_of
from zisk.errors import ErrorKind


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


def names(store: ArtifactStore) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


def test_what_was_put_can_be_read(store: ArtifactStore):
    stored = store.put(b"content")
    assert stored == Stored(digest_of(b"content"), 7)
    assert store.read(stored) == b"content"
    assert stored.digest in store
    assert names(store) == {digest_of(b"content").hex()}


def test_chunks_make_up_the_content(store: ArtifactStore):
    data = bytes(range(256)) * 10_000
    chunks = list(store.chunks(store.put(data).digest))
    assert [len(chunk) for chunk in chunks] == [1 << 20, 1 << 20, len(data) - (2 << 20)]
    assert b"".join(chunks) == data


def test_what_is_not_there(store: ArtifactStore):
    with pytest.raises(ArtifactError, match="upload it before"):
        store.read(Stored(bytes(32), 1))
    with pytest.raises(ArtifactError, match="is not here"):
        list(store.chunks(bytes(32)))


def test_a_payload_of_another_size_or_more_than_is_taken(store: ArtifactStore):
    stored = store.put(b"content")
    with pytest.raises(ArtifactError, match="has 7 bytes, not the 8 announced"):
        store.read(Stored(stored.digest, 8))
    with pytest.raises(ArtifactError, match="has 7 bytes, at most 6 are taken here"):
        store.read(stored, most=6)
    assert store.program(stored.digest) == b"content"


@pytest.mark.parametrize("digest", [b"", b"short", bytes(33), bytes(1 << 20)])
def test_what_is_no_digest_names_nothing(store: ArtifactStore, digest: bytes):
    text = f"an artifact is named by 32 bytes, not {len(digest)}"
    with pytest.raises(ArtifactError, match=text):
        store.read(Stored(digest, 1))
    with pytest.raises(ArtifactError, match=text):
        list(store.chunks(digest))


def test_a_damaged_file_is_noticed(store: ArtifactStore):
    stored = store.put(b"content")
    store.path(stored.digest).write_bytes(b"changed")
    with pytest.raises(ArtifactError, match="was damaged"):
        store.read(stored)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"conten", "6 bytes arrived of the 7"),
        (b"contents", "more than the 7 bytes"),
        (b"CONTENT", "the content has digest"),
    ],
)
def test_an_upload_that_is_not_what_was_announced_leaves_nothing(
    store: ArtifactStore, data: bytes, message: str
):
    with pytest.raises(ArtifactError, match=message), store.receive(Stored.of(b"content")) as partial:
        partial.write(data)
    assert names(store) == set()


def test_an_artifact_stays_while_somebody_holds_it(store: ArtifactStore):
    stored = store.put(b"content")
    store.hold("a", [stored, Inline(b"ignored")])
    store.hold("b", [stored])
    store.release("a")
    assert store.collect(0.0, grace=0.0) == 0
    store.release("b")
    assert store.collect(10.0, grace=5.0) == 0
    assert store.collect(14.9, grace=5.0) == 0
    assert store.collect(15.0, grace=5.0) == 1
    assert names(store) == set()


def test_what_an_earlier_process_left_half_done_goes_and_strange_files_stay(tmp_path: Path):
    (tmp_path / ".incoming-x").write_bytes(b"half")
    (tmp_path / "README").write_bytes(b"strange")
    store = ArtifactStore(tmp_path)
    assert store.collect(0.0, grace=0.0) == 0
    assert names(store) == {"README"}


def test_naming_an_artifact_again_starts_its_time_afresh(store: ArtifactStore):
    stored = store.put(b"content")
    store.collect(0.0, grace=5.0)
    store.touch(stored.digest)
    assert store.collect(6.0, grace=5.0) == 0
    assert store.collect(11.0, grace=5.0) == 1


def test_a_damaged_file_is_not_sound_and_is_replaced(store: ArtifactStore):
    stored = store.put(b"content")
    assert store.is_sound(stored.digest)
    store.path(stored.digest).write_bytes(b"changed")
    assert not store.is_sound(stored.digest)
    assert store.put(b"content") == stored
    assert store.is_sound(stored.digest)
    assert not store.is_sound(bytes(32))


def test_there_is_a_most_of_what_is_kept_and_under_way(tmp_path: Path):
    ArtifactStore(tmp_path).put(b"before")
    store = ArtifactStore(tmp_path, most_bytes=16)
    stored = store.put(b"content")
    with pytest.raises(SubmissionRefusedError) as caught:
        store.put(b"four")
    assert caught.value.kind is ErrorKind.NO_CAPACITY
    assert str(caught.value) == (
        "there is no room for an artifact of 4 bytes: 13 are kept and 0 under way, of 16 that "
        "server.max_artifact_bytes allows; try again when jobs are over, or raise it"
    )
    with store.receive(Stored.of(b"two")) as partial:
        with pytest.raises(SubmissionRefusedError, match="13 are kept and 3 under way"):
            store.put(b"1")
        partial.write(b"two")
    store.hold("a", [stored])
    assert store.collect(0.0, grace=0.0) == 2
    store.put(b"nine more")


def test_an_upload_that_fails_takes_no_room(tmp_path: Path):
    store = ArtifactStore(tmp_path, most_bytes=7)
    with pytest.raises(ArtifactError, match="has digest"), store.receive(Stored.of(b"content")) as partial:
        partial.write(b"CONTENT")
    store.put(b"content")


def test_some_of_the_disk_stays_free(tmp_path: Path):
    store = ArtifactStore(tmp_path, least_free=1 << 62)
    with pytest.raises(SubmissionRefusedError, match=r"stay free as server\.min_free_bytes says; make room"):
        store.put(b"content")


def test_threads_put_hold_and_collect_at_one_time(store: ArtifactStore):
    """What is held before it is looked for is there, however many clear away meanwhile."""

    def work(number: int) -> bytes:
        holder, data = f"job {number}", number.to_bytes(4, "little")
        store.hold(holder, [Stored.of(data)])
        stored = store.put(data)
        store.collect(0.0, grace=0.0)
        found = store.read(stored)
        store.release(holder)
        return found

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(200))) == [n.to_bytes(4, "little") for n in range(200)]
    store.collect(0.0, grace=0.0)
    assert names(store) == set()
