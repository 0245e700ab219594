"""Resources: processes, threads, memory, disk, descriptors, output; all of them without measure."""

from attacks.case import all_but, solved, unsolved, zero

CASES = (
    solved(
        "a fork bomb",
        """
import os
try:
    while True: os.fork()
except OSError: pass
""",
    ),
    solved(
        "every way to a new process",
        """
import ctypes, multiprocessing, os, pty, subprocess
libc = ctypes.CDLL(None)
ways = {
    'fork': os.fork,
    'forkpty': os.forkpty,
    'posix_spawn': lambda: os.posix_spawn('/bin/true', ['true'], {}),
    'spawn': lambda: os.spawnv(os.P_NOWAIT, '/bin/true', ['true']),
    'run': lambda: subprocess.run(['true']),
    'shell': lambda: subprocess.run('true', shell=True, check=True),
    'system': lambda: os.system('true') and 1 / 0,
    'popen': lambda: os.popen('true').close() and 1 / 0,
    'multiprocessing': lambda: multiprocessing.get_context('fork').Process(target=print).start(),
    'forkserver': lambda: multiprocessing.get_context('forkserver').Process(target=print).start(),
    'spawned': lambda: multiprocessing.get_context('spawn').Process(target=print).start(),
    'pool': lambda: multiprocessing.Pool(2),
    'vfork': lambda: libc.syscall(58) < 0 and 1 / 0,
    'clone': lambda: libc.syscall(56, 17, 0, 0, 0, 0) < 0 and 1 / 0,
    'clone with a namespace': lambda: libc.syscall(56, 0x10000011, 0, 0, 0, 0) < 0 and 1 / 0,
    'clone3': lambda: libc.syscall(435, bytes(88), 88) < 0 and 1 / 0,
    'execve': lambda: os.execv('/bin/true', ['true']),
}
if os.uname().machine != 'x86_64':
    for name in ('vfork', 'clone', 'clone with a namespace'): del ways[name]
for name, way in ways.items():
    try: way()
    except BaseException: continue
    print('LOOT', name)
""",
    ),
    solved(
        "a thread bomb",
        """
import threading, time
try:
    while True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
except RuntimeError: pass
""",
    ),
    solved(
        "asks for 100 GB",
        """
for take in (
    lambda: np.ones(100 << 27), lambda: bytearray(100 << 30),
    lambda: [0] * (100 << 27), lambda: torch.ones(100 << 27),
):
    try: take()
    except (MemoryError, RuntimeError): pass
    else: print('LOOT memory')
""",
    ),
    solved(
        "memory that grows by 10 MB",
        "kept = []\nwhile True: kept.append(bytearray(10 << 20))",
        "del kept",
    ),
    solved(
        "memory that no limit of a process counts",
        """
import ctypes, mmap, os, socket
try: os.memfd_create('x'); print('LOOT memfd')
except OSError: pass
try: mmap.mmap(-1, 2 << 30); print('LOOT shared memory')
except OSError: pass
libc = ctypes.CDLL(None)
for name, arguments in dict(
    shmget=(0, 1 << 20, 0o1600), msgget=(0, 0o1600), semget=(0, 1, 0o1600), mlockall=(3,),
    timerfd_create=(0, 0), signalfd=(-1, bytes(128), 0), inotify_init=(),
).items():
    if getattr(libc, name)(*arguments) != -1: print('LOOT', name)
""",
    ),
    solved(
        "memory that is mapped and made larger",
        """
import mmap
size = 1 << 20
kept = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
try:
    while True:
        size *= 2
        kept.resize(size)
        kept[size - 1] = 1
        if size > 4 << 30: print('LOOT memory'); break
except (OSError, ValueError, SystemError): pass
""",
    ),
    solved(
        "memory of a tensor that is made larger",
        """
storage = torch.zeros(1).untyped_storage()
try: storage.resize_(3 << 30); print('LOOT memory')
except (MemoryError, RuntimeError): pass
""",
    ),
    solved(
        "unpacks a bomb",
        "import zlib\nbomb = zlib.compress(zlib.compress(bytes(1 << 26)) * 60)",
        "rest = [zlib.decompress(zlib.compress(bytes(200 << 20))) for _ in range(20)]",
    ),
    solved(
        "fills the disk",
        """
import os
for folder in ('.', '/tmp', '/dev/shm', '/var/tmp', '/', '/usr', '/scratch', '/scratch/own'):
    for number in range(100):
        try:
            with open(f'{folder}/junk{number}', 'wb') as file:
                for _ in range(32): file.write(b'x' * (1 << 20))
        except OSError: break
""",
    ),
    solved(
        "a file of 1 TB with nothing in it",
        """
import os
for folder in ('.', '/tmp', '/dev/shm', '/scratch/own'):
    try:
        with open(f'{folder}/hollow', 'wb') as file:
            os.ftruncate(file.fileno(), 1 << 40)
            print('LOOT', folder)
    except OSError: pass
""",
    ),
    solved(
        "files without number",
        """
import os
made = 0
try:
    for made in range(100_000): open(f'many{made}', 'w').close()
except OSError: pass
if made > 5000: print('LOOT', made)
""",
    ),
    solved(
        "descriptors without number",
        "kept = []\nwhile True: kept.append(open('/dev/null'))",
        "del kept",
    ),
    solved(
        "full pipes",
        """
import os
kept = []
try:
    while True:
        left, right = os.pipe()
        os.set_blocking(right, False)
        kept += [left, right]
        while True:
            try: os.write(right, bytes(1 << 16))
            except BlockingIOError: break
except OSError:
    for each in kept: os.close(each)
""",
    ),
    solved(
        "prints without measure",
        "import os\nfor _ in range(200): print('x' * (1 << 20))\nos.write(1, b'y' * 1000)",
        "import sys\nfor _ in range(200): sys.stderr.write('x' * (1 << 20))",
    ),
    solved("an error without measure", "raise ValueError('x' * (50 << 20))"),
    solved(
        "an error within an error, a thousand times",
        """
error = ValueError('first')
for _ in range(100_000):
    last, error = error, ValueError('next')
    error.__cause__ = last
raise error
""",
    ),
    unsolved(
        "gives back far too much",
        """
def step(*_): return 'x' * (20 << 20)
def exponential(*_): return np.zeros(1 << 22)
def cosine(*_): return [0.0] * (1 << 21)
def warmup(*_): return torch.zeros(1 << 23)
""",
        said="larger than 8 MiB|cannot be graded|too large",
    ),
    unsolved(
        "gives back more of a small thing than it is",
        """
def step(*_): return np.broadcast_to(0.5, (1 << 40,))
def exponential(*_): return torch.ones(1).expand(1 << 40)
def cosine(*_): return [[[1.0] * 9] * 9] * 99_999
def warmup(*_): return range(10 ** 15)
""",
    ),
    all_but(
        "step",
        "an answer that takes all memory",
        "def step(*_): return bytearray(1 << 42)",
        said="MemoryError",
    ),
    zero(
        "hands in without number",
        "cannot be read",
        "for number in range(2000): check(str(number), 1.0)",
    ),
    solved(
        "threads that wait for hours",
        "import threading\nfor _ in range(20): threading.Timer(3600, print).start()",
    ),
    solved(
        "parentheses without number",
        "try: compile('(' * 100_000 + ')' * 100_000, '', 'eval')\n"
        "except (MemoryError, SyntaxError, RecursionError): pass",
        "try: eval('-' * 50_000 + '1')\nexcept (MemoryError, SyntaxError, RecursionError): pass",
        "import json\ntry: json.loads('[' * 1_000_000)\nexcept RecursionError: pass",
    ),
    solved(
        "asks for more than its limits",
        """
import resource
for name in ('CPU', 'AS', 'NPROC', 'NOFILE', 'FSIZE', 'CORE'):
    which = getattr(resource, f'RLIMIT_{name}')
    soft, hard = resource.getrlimit(which)
    try: resource.setrlimit(which, (hard + 1, hard + 1)); print('LOOT', name)
    except (OSError, ValueError): pass
""",
    ),
)
