"""Disturbs others: other students, the next one, the warm process, the grader, the machine.

Honest students are graded beside these, at the same time.
"""

from attacks.case import solved

# Every process that there could be: ourselves left out, a group, all, the parent, the neighbours.
NEIGHBOURS = """
import os
own = os.getpid()
neighbours = [0, -1, 1, 2, 3, os.getppid(), *(own + k for k in range(-40, 41) if k)]
neighbours = [each for each in neighbours if each != own]
"""

CASES = (
    solved(
        "kills whom it can",
        NEIGHBOURS
        + """
import signal
for pid in neighbours:
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP):
        try: os.kill(pid, number); print('LOOT', pid)
        except OSError: pass
    try: os.killpg(abs(pid), signal.SIGKILL); print('LOOT', pid)
    except OSError: pass
""",
    ),
    solved(
        "signals whom it can, by every other call",
        NEIGHBOURS
        + """
import ctypes, fcntl, signal
libc = ctypes.CDLL(None, use_errno=True)
for pid in neighbours:
    for way in (
        lambda: libc.sigqueue(pid, 9, 0), lambda: libc.pthread_kill and libc.tgkill(pid, pid, 9),
        lambda: libc.syscall(200, pid, 9), lambda: libc.syscall(129, pid, 9, bytes(128)),
        lambda: libc.syscall(424, pid, 9, 0, 0),
    ):
        if way() == 0: print('LOOT', pid)
    for descriptor in range(4):
        for command in (8, 10, 15):  # F_SETOWN, F_SETSIG, F_SETOWN_EX
            try: fcntl.fcntl(descriptor, command, pid); print('LOOT', descriptor)
            except OSError: pass
""",
    ),
    solved(
        "changes limits, priority and processors of others",
        NEIGHBOURS
        + """
import resource
for pid in neighbours:
    for way in (
        lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)),
        lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE),
        lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        lambda: os.setpriority(os.PRIO_PGRP, pid, 19), lambda: os.setpriority(os.PRIO_USER, 0, 19),
        lambda: os.sched_setaffinity(pid, {0}),
        lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
    ):
        if pid == 0: continue  # that is itself
        try: way(); print('LOOT', pid)
        except (OSError, ValueError): pass
""",
    ),
    solved(
        "looks into others' memory",
        NEIGHBOURS
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for pid in neighbours:
    for file in ('mem', 'maps', 'environ', 'cmdline', 'root/etc/passwd', 'cwd', 'stack', 'fd/0'):
        try: open(f'/proc/{pid}/{file}', 'rb').read(1); print('LOOT', pid, file)
        except OSError: pass
    for way in (
        lambda: libc.ptrace(16, pid, 0, 0), lambda: libc.process_vm_readv(pid, 0, 0, 0, 0, 0),
        lambda: libc.process_vm_writev(pid, 0, 0, 0, 0, 0), lambda: libc.syscall(434, pid, 0),
        lambda: libc.syscall(312, own, pid, 0, 0, 0),
    ):
        if way() != -1: print('LOOT', pid)
""",
    ),
    solved(
        "a thread bomb beside others",
        """
import threading, time
try:
    while True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
except RuntimeError: pass
time.sleep(0.4)
""",
    ),
    solved(
        "all the memory that it may have, and keeps it",
        """
import time
kept = []
try:
    while True: kept.append(bytearray(10 << 20))
except MemoryError: pass
time.sleep(0.2)
del kept
""",
    ),
    solved(
        "changes what others use",
        """
import os, sys
for path in (sys.executable, np.__file__, torch.__file__, '/usr/lib', '/tmp', '/dev/null'):
    for change in (
        lambda: open(path, 'ab').write(b'x') and 'null' in path or open(path, 'ab').close(),
        lambda: os.unlink(path), lambda: os.utime(path), lambda: os.rmdir(path),
        lambda: os.rename(path, path + 'x'), lambda: os.chmod(path, 0o777),
        lambda: os.chown(path, 0, 0), lambda: os.setxattr(path, 'user.x', b'x'),
        lambda: os.truncate(path, 0), lambda: os.close(os.open(path, os.O_TRUNC)),
        lambda: os.symlink('/etc', path + 'x'), lambda: os.link(path, path + 'x'),
        lambda: os.mkfifo(path + 'x'), lambda: os.mkdir(path + 'x'),
    ):
        try: change()
        except OSError: continue
        if path != '/dev/null': print('LOOT', path)
""",
    ),
    solved(
        "maps files of others to write in them",
        """
import mmap, sys
for path in (np.__file__, torch.__file__, sys.executable):
    for access in (mmap.ACCESS_WRITE, mmap.ACCESS_READ):
        try:
            with open(path, 'rb') as file:
                mapped = mmap.mmap(file.fileno(), 0, access=access)
                mapped[0] = 0
                print('LOOT', path)
        except (OSError, TypeError, ValueError): pass
""",
    ),
    solved(
        "locks files that others read",
        """
import fcntl
for path in (np.__file__, torch.__file__, '/dev/null', '/dev/urandom'):
    with open(path, 'rb') as file:
        for way in (
            lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB),
            lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
            lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK),
            lambda: fcntl.fcntl(file, fcntl.F_NOTIFY, 1),
        ):
            try: way(); print('LOOT', path)
            except OSError: pass
""",
    ),
    solved(
        "leaves things behind for the next student",
        """
import builtins, os, random, sys, tempfile
for folder in ('.', '/tmp', '/dev/shm', '/var/tmp', '/scratch', '/scratch/own', '/run', '/usr'):
    try: open(folder + '/left', 'w').write('x')
    except OSError: pass
try: tempfile.NamedTemporaryFile(delete=False).write(b'left')
except OSError: pass
os.environ['LEFT'] = '1'
os.umask(0)
builtins.LEFT = np.left = torch.left = random.left = 1
np.cos = lambda *_: 0.0
sys.path.insert(0, '/tmp')
random.seed(1), np.random.seed(1), torch.manual_seed(1)
torch.set_default_dtype(torch.float16)
""",
        least=11,
    ),
    solved(
        "sends its descriptors to the grader",
        """
import os, socket
for descriptor in range(3, 64):
    try:
        line = socket.socket(fileno=os.dup(descriptor))
        for _ in range(5): socket.send_fds(line, [b'\\0'], [0, 1, 2])
    except OSError: pass
""",
    ),
    solved(
        "a byte out of turn",
        """
import os, socket
for descriptor in range(3, 64):
    try: socket.socket(fileno=os.dup(descriptor)).send(b'!', socket.MSG_OOB)
    except OSError: pass
""",
        least=0,
    ),
    solved(
        "settings of its line to the grader",
        """
import fcntl, os, socket, termios
for descriptor in range(3, 64):
    try: line = socket.socket(fileno=os.dup(descriptor))
    except OSError: continue
    for way in (
        lambda: line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1),
        lambda: line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1),
        lambda: fcntl.ioctl(descriptor, termios.TIOCSTI, b'x'),
        lambda: fcntl.ioctl(descriptor, 0x8902, bytes(4)),  # FIOSETOWN
        lambda: fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC | os.O_DIRECT),
    ):
        try: way(); print('LOOT')
        except OSError: pass
    try: os.set_blocking(descriptor, True)
    except OSError: pass
""",
        least=0,
    ),
    solved(
        "raises its own priority and sees processors",
        """
import os
for way in (
    lambda: os.nice(-5), lambda: os.nice(5), lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
):
    try: way(); print('LOOT')
    except OSError: pass
""",
    ),
)
