"""The store of artifacts."""

from pathlib import Path

import pytest

from zisk.cluster.artifacts.store import ArtifactStore
from zisk.cluster.errors import ArtifactError
from zisk.cluster.protocol.limits import INLINE_BYTES
from zisk.cluster.protocol.payload import Inline, Stored, digest_of


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


def test_small_payloads_are_not_stored(store: ArtifactStore):
    assert store.keep(b"small") == Inline(b"small")
    large = bytes(INLINE_BYTES + 1)
    assert store.keep(large) == Stored.of(large)
    assert names(store) == {digest_of(large).hex()}


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
