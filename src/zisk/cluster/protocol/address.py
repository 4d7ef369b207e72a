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
    try:
        split = urlsplit(url if "://" in url else f"http://{url}")
        scheme, host, port, rest = (
            split.scheme,
            split.hostname,
            split.port,
            split.path.strip("/") + split.query,
        )
    except ValueError:
        scheme = host = port = rest = None
    if scheme == "https":
        raise ConfigurationError(f"coordinator URL {url!r}: this version speaks without TLS; {remedy}")
    if scheme != "http" or not host or not host.isprintable() or port is None or rest:
        raise ConfigurationError(f"coordinator URL {url!r} is not understood; {remedy}")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
