"""Settings of all tests: fixed threads, shapes and types enforced, no network, laws tried on the same examples."""

from __future__ import annotations

import os
import socket
from typing import Any

# Before PyTorch is loaded: more threads than cores make parallel tests crawl, and the last digits depend on them.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

# Every annotation in the package is checked at run time, shapes included. This holds for this process only: the
# kernels that nbval starts are processes of their own and run the package as a learner does.
install_import_hook("lmcourse", "beartype.beartype")

settings.register_profile(
    "quick", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "full",
    deadline=None,
    max_examples=1000,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("full" if os.environ.get("LMCOURSE_TESTS") == "full" else "quick")


def _is_local(host: object) -> bool:
    return host in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", b"localhost", b"127.0.0.1")


_connect, _getaddrinfo = socket.socket.connect, socket.getaddrinfo


def _connect_locally(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
        raise OSError(101, "Network is unreachable")
    _connect(self, address)


def _resolve_locally(host: object, *args: object, **options: object) -> object:
    if not _is_local(host):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _getaddrinfo(host, *args, **options)


# The tests see a machine without a network, as the promise is that nothing needs one: a forgotten download fails here
# instead of passing wherever there happens to be a connection. Servers on this machine remain reachable.
socket.socket.connect = _connect_locally
socket.getaddrinfo = _resolve_locally


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a notebook would receive."""
    import IPython

    caught: list[Any] = []

    class Shell:
        class display_pub:
            publish = staticmethod(lambda data, metadata: caught.append(data))

    monkeypatch.setattr(IPython, "get_ipython", Shell)
    return caught
