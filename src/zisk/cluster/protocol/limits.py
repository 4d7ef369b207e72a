"""Sizes and pauses that both ends of a connection agree on."""

__all__ = [
    "CHANNEL_OPTIONS",
    "CHUNK_BYTES",
    "INLINE_BYTES",
    "MAX_ARTIFACT_BYTES",
    "MAX_COMMITMENT_BYTES",
    "MAX_CONTRIBUTION_BYTES",
    "MAX_KEPT",
    "MAX_MESSAGE_BYTES",
    "MAX_PROGRAM_BYTES",
    "MAX_PROOF_BYTES",
    "MAX_SECONDS",
    "SERVER_OPTIONS",
    "STALL_SECONDS",
]

MAX_MESSAGE_BYTES = 128 << 20
"""Largest gRPC message, sent or received: ZisK's own limit."""

INLINE_BYTES = 1 << 20
"""Largest payload that travels inside a message; larger ones go by `zisk.artifacts.v1`."""

CHUNK_BYTES = 1 << 20
"""Size of a chunk of an artifact on the wire; the last one may be smaller."""

MAX_ARTIFACT_BYTES = 8 << 30
"""Largest artifact that is taken in: far above a proof, below what fills a disk by mistake."""

MAX_PROGRAM_BYTES = 1 << 30
"""Largest guest program: twice the whole address map of code and data, so that debug sections fit."""

MAX_PROOF_BYTES = 1 << 30
"""Largest proof that is read or fetched: about 400 segments of the default size."""

MAX_CONTRIBUTION_BYTES = 40 << 20
"""Largest contribution: a job has at most 2^20 segments, and each of them a digest of 36 bytes in it."""

MAX_KEPT = 1 << 13
"""Most segments and pieces of a proof that one task goes on from; more are made again."""

MAX_COMMITMENT_BYTES = 64
"""Largest commitment to one segment: a digest and a weight."""

MAX_SECONDS = float(1 << 32)
"""Longest time that a worker may say something took: in nanoseconds it fits 64 bits."""

STALL_SECONDS = 60.0
"""Longest time in which nothing of a transfer moves, or a coordinator does not answer at all."""

_MESSAGE_OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
]

CHANNEL_OPTIONS = [
    *_MESSAGE_OPTIONS,
    # A cluster talks to itself: a proxy from the environment would only stand in the way.
    ("grpc.enable_http_proxy", 0),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.initial_reconnect_backoff_ms", 200),
]
"""Options of every client channel."""

SERVER_OPTIONS = [
    *_MESSAGE_OPTIONS,
    # Two coordinators on one port would split the workers between them without a word.
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
]
"""Options of every server: 30 s between keep-alive pings and 10 s for the answer are ZisK's."""
