"""Addresses of coordinators, as users write them and as gRPC wants them."""

from urllib.parse import urlsplit

from zisk.cluster.errors import ConfigurationError

__all__ = ["target_of"]


def target_of(url: str) -> str:
    """`host:port` of a coordinator's URL, such as `http://127.0.0.1:50051`.

    Raises:
        ConfigurationError: it is not of the form http://HOST:PORT.

    """
    remedy = "write it as http://HOST:PORT"
    split = urlsplit(url if "://" in url else f"http://{url}")
    if split.scheme == "https":
        raise ConfigurationError(f"coordinator URL {url!r}: this version speaks without TLS; {remedy}")
    try:
        port = split.port
    except ValueError:
        port = None
    if split.scheme != "http" or not split.hostname or port is None:
        raise ConfigurationError(f"coordinator URL {url!r} is not understood; {remedy}")
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    return f"{host}:{port}"
