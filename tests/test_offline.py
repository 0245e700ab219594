"""Notebooks are tested as on a train: no network, and a home folder that nobody can write to."""

import os
import subprocess
import sys

import pytest

from tools.run_tests import on_a_train


def said_on_a_train(code: str) -> str:
    """What a program prints last there, on either stream."""
    env = on_a_train(dict(os.environ))
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "import urllib.request; urllib.request.urlopen('http://example.org')",
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
    ],
)
def test_no_connection_leaves_the_computer(code):
    assert "the course works without a network" in said_on_a_train(code)


def test_a_kernel_on_this_computer_is_reached():
    code = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname())
print("reached")
"""
    assert said_on_a_train(code) == "reached"


def test_nothing_can_be_written_at_home():
    code = "from pathlib import Path; (Path.home() / 'notes').write_text('')"
    assert "NotADirectoryError" in said_on_a_train(code)
