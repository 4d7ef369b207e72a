"""Sizes and pauses that both ends of a connection agree on."""

__all__ = ["CHANNEL_OPTIONS", "CHUNK_BYTES", "INLINE_BYTES", "MAX_MESSAGE_BYTES", "SERVER_OPTIONS"]

MAX_MESSAGE_BYTES = 128 << 20
"""Largest gRPC message, sent or received: ZisK's own limit."""

INLINE_BYTES = 1 << 20
"""Largest payload that travels inside a message; larger ones go by `zisk.artifacts.v1`."""

CHUNK_BYTES = 1 << 20
"""Size of a chunk of an artifact on the wire; the last one may be smaller."""

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
