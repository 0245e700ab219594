"""No connection leaves the computer: Python reads this first where PYTHONPATH names its folder.

The notebooks are tested this way, because a learner may be on a train.
"""

import sys


def _refuse(event: str, arguments: tuple) -> None:
    if event == "socket.connect":
        _socket, address = arguments
        host = address[0] if isinstance(address, tuple) else ""  # a text is a file on this computer
    elif event == "socket.getaddrinfo":
        host = arguments[0] or ""
    else:
        return
    if host not in ("", "127.0.0.1", "::1", "localhost", b"localhost", b"127.0.0.1"):
        raise OSError(f"a notebook asks for {host!r}, but the course works without a network")


sys.addaudithook(_refuse)
