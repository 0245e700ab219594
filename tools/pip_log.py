"""Read what pip prints: how far it is, and in one sentence why it stopped."""

import re
import tempfile

AGAIN = "then run the same command again."

CAUSES = (
    (
        "No space left on device|Errno 28|not enough space on the disk|WinError 112",
        f"The disk is full: free at least 2 GB where the course lies and in {{tmp}}, {AGAIN}",
    ),
    (
        "Permission denied|Errno 13|Access is denied|Read-only file system",
        "A file of .venv cannot be written: close other programs that use the course, or copy the"
        f" course into a folder of your own, {AGAIN}",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "The connection is not trusted (a proxy of your company or school, perhaps): name its"
        f" certificate in the variable PIP_CERT, {AGAIN}",
    ),
    (
        "NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError"
        "|ConnectionResetError|ProtocolError|Max retries exceeded|getaddrinfo failed",
        f"No connection: {{what}} could not be downloaded; connect to the internet, {AGAIN}",
    ),
    (
        "ResolutionImpossible",
        "The pinned versions do not fit this Python: start with another one (3.11, 3.12 or 3.13);"
        " .venv/install.log says which package refuses.",
    ),
    (
        "No matching distribution found|Could not find a version that satisfies",
        "No installable version of {what} for this Python: start with Python 3.11, 3.12 or 3.13,"
        " and look at pip's own settings (pip config list) if there is a private index.",
    ),
    (
        "Microsoft Visual C|error: command '.*' failed|Failed building wheel",
        "No ready-made package of {what} for this Python: start with Python 3.11, 3.12 or 3.13.",
    ),
)


def explain(text: str) -> str:
    """The sentence for a pip that failed with this output."""
    what = re.search(r"(?:distribution found for|satisfies the requirement) ([\w.-]+)", text)
    known = {"what": what[1] if what else "a package", "tmp": tempfile.gettempdir()}
    for pattern, sentence in CAUSES:
        if re.search(pattern, text):
            return sentence.format(**known)
    last = [line for line in text.splitlines() if line.strip()][-1:] or ["no output"]
    return f"pip stopped ({last[0].strip()}): the whole story is in .venv/install.log."


FILE = re.compile(
    r"\s*(?P<verb>Downloading|Using cached|Processing) \S*?(?P<name>[A-Za-z0-9_.]+)-[^/\\\s]+"
    r"\.(?:whl|tar\.gz)(?!\.metadata)(?: \((?P<size>\d[^)]*)\))?"
)


class Progress:
    """What pip does now, from its lines: `text` for the reader, `big` if it will take a while."""

    def __init__(self, total: int):
        self.total = total
        self.names: list[str] = []
        self.unpacking = 0
        self.text = "Asking for the list of packages"
        self.big = False

    def read(self, line: str) -> None:
        """Take in one line of pip."""
        if match := FILE.match(line):
            self._file(match["name"], match["size"])
        elif line.startswith("Collecting "):
            self.text, self.big = f"Looking up {line.split()[1]}", False
        elif line.startswith("Installing collected packages: "):
            self.unpacking = line.count(",") + 1
            self.text = f"Unpacking {self.unpacking} packages, about a minute"
            self.big = self.unpacking > 5

    def _file(self, name: str, size: str | None) -> None:
        if name not in self.names:
            self.names.append(name)
        position = f"{len(self.names)} of {max(self.total, len(self.names))}"
        self.text = f"Downloading {position}: {name}" + (f", {size}" if size else "")
        self.big = bool(size and re.match(r"\d{2,}\.?\d* MB|.* GB", size))
