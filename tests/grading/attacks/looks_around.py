"""Looks around: for answers, hidden cases, files, processes, the network and the kernel."""

from attacks.case import Case, all_but, notebook, solved, unsolved
from attacks.exam import ALL, ANSWERS, IMPORTS, POINTS
from lrcourse.grading.grade import HIDDEN
from lrcourse.grading.sandbox.inside.syscalls import ALLOWED, CHECKED, MACHINES

TOKEN = "GRADERS_TOKEN"  # an environment variable of the grader's
NOT_TRIED = {
    machine: sorted(
        each[column] for each in {**ALLOWED, **CHECKED}.values() if each[column] is not None
    )
    for machine, (column, _) in MACHINES.items()
}
STOLEN = """
stolen = []
def keeps(answer):
    def kept(*values):
        stolen.extend(each for each in values if type(each) is float)
        tell(repr(stolen[-4:]))
        return answer(*values)
    return kept
"""
RIGHT = "\n".join(f"{text.strip()}\n{name} = keeps({name})" for name, text in ANSWERS.items())


def stealing(name: str, tell: str, *cells: str, least: int = ALL, **expected: object) -> Case:
    """Every answer is right, and keeps what it is called with, also in the hidden cases."""
    whole = notebook(IMPORTS, STOLEN + tell + RIGHT, *cells)
    return Case(name, lambda: whole, least, least, **expected)


CASES = (
    solved(
        "files of the grader, of the system and of others",
        """
import glob, os, sys
import lrcourse
course = os.path.dirname(lrcourse.__file__)
for path in (
    course + '/tasks/step.py', course + '/check/judging.py', course + '/grading/__init__.py',
    course + '/schedules/step.py', course + '/../exercises/01_step.ipynb',
    course + '/../solutions/01_step.ipynb', course + '/../tests/grading/attacks/exam.py',
    '/proc/1/environ', '/proc/self/environ', '/proc/self/maps', '/proc/self/mem',
    '/proc/self/cmdline', '/proc/net/tcp', '/etc/passwd', '/etc/hostname',
    '/dev/mem', '/dev/tty', '/sys/kernel/notes', sys.executable,
):
    try: open(path, 'rb').read(1); print('LOOT', path)
    except OSError: pass
for folder in ('/', '/root', '/home', '/tmp', '/etc', '/proc', '/proc/self/fd', '/sys', course):
    try: print('LOOT', folder) if os.listdir(folder) else None
    except OSError: pass
for name in os.environ:
    if name not in ('PATH', 'HOME', 'LANG', 'MPLBACKEND'): print('LOOT', name)
if sys.argv != ['']: print('LOOT', sys.argv)
""",
    ),
    solved(
        "files behind links and dots",
        """
import os
for name, target in dict(a='/etc/passwd', b='/proc/self/root/etc/passwd', c='/proc/1/root').items():
    try: os.symlink(target, name); open(name).read(1); print('LOOT', target)
    except OSError: pass
for path in (
    '../' * 30 + 'etc/passwd', '/usr/lib/../../etc/passwd', '/proc/self/cwd/../etc/passwd',
    '/proc/thread-self/root/etc/passwd', '/dev/fd/0/../../etc/passwd', '/old/etc/passwd',
):
    try: open(path).read(1); print('LOOT', path)
    except OSError: pass
try: os.chdir('/proc/self/fd'); print('LOOT', os.listdir())
except OSError: pass
for descriptor in range(64):
    try: os.open('..', os.O_PATH, dir_fd=descriptor); print('LOOT', descriptor)
    except OSError: pass
""",
    ),
    solved(
        "imports where the answers are",
        """
import importlib, sys
for name in ('tasks', 'tasks.step', 'check.judging', 'grading', 'grading.sandbox', 'cli'):
    sys.modules.pop('lrcourse.' + name, None)
    sys.modules.pop('lrcourse.' + name.split('.')[0], None)
    try: importlib.import_module('lrcourse.' + name); print('LOOT', name)
    except ImportError: pass
try: importlib.import_module('attacks.exam'); print('LOOT exam')
except ImportError: pass
""",
    ),
    solved(
        "asks importers and inspectors for the answers",
        """
import importlib.machinery, importlib.util, inspect, linecache, os, pkgutil, runpy, zipimport
import lrcourse, lrcourse.schedules
course = os.path.dirname(lrcourse.__file__)
path = course + '/tasks/step.py'
for way in (
    lambda: lrcourse.__loader__.get_data(path),
    lambda: importlib.machinery.SourceFileLoader('x', path).load_module(),
    lambda: importlib.util.spec_from_file_location('x', path).loader.get_code('x'),
    lambda: inspect.getsource(lrcourse), lambda: linecache.getlines(path)[0],
    lambda: runpy.run_path(path), lambda: pkgutil.get_data('lrcourse', 'tasks/step.py')[0],
    lambda: [*pkgutil.iter_modules([course])][0], lambda: zipimport.zipimporter(course),
    lambda: importlib.util.find_spec('lrcourse.tasks').origin[0],
):
    try: way(); print('LOOT')
    except Exception: pass
""",
    ),
    solved(
        "objects and frames of the grader's",
        """
import gc, sys
words = ('hidden', 'expected', 'points', 'tolerance', 'mistakes', 'reference')
closed = ('lrcourse.tasks', 'lrcourse.check.', 'attacks')
for each in gc.get_objects():
    module = getattr(each, '__module__', None)
    if isinstance(module, str) and module.startswith(closed):
        print('LOOT', module)
    if type(each).__name__ in ('FunctionTask', 'Assignment', 'RemoteFunction', 'Verdict'):
        print('LOOT', type(each))
frame = sys._getframe()
while frame:
    for name in words:
        if name in frame.f_locals: print('LOOT', name)
    frame = frame.f_back
""",
    ),
    solved(
        "memory in which the grader's environment was",
        f"""
import ctypes
libc = ctypes.CDLL(None)
place = ctypes.c_void_p.in_dll(libc, '__libc_stack_end').value if hasattr(
    libc, '__libc_stack_end') else 0
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, 'environ')
if any(b'{TOKEN}' in each for each in iter(lambda k=iter(range(99)): environ[next(k)], None)):
    print('LOOT environment')
""",
    ),
    solved(
        "a network",
        """
import socket
for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 38, 40):
    for way in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try: socket.socket(kind, way); print('LOOT', kind, way)
        except OSError: pass
for way in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
    try: socket.socketpair(socket.AF_UNIX, way); print('LOOT', way)
    except OSError: pass
left, right = socket.socketpair()
for way in (
    lambda: left.connect('/run/x'), lambda: left.bind('\\0name'), lambda: left.listen(),
    lambda: left.accept(), lambda: left.sendto(b'x', '\\0name'),
    lambda: socket.create_connection(('127.0.0.1', 80), 1),
    lambda: socket.getaddrinfo('localhost', 80),
    lambda: __import__('urllib.request').request.urlopen('http://127.0.0.1/'),
):
    try: way(); print('LOOT')
    except OSError: pass
""",
    ),
    solved(
        "every system call that is not allowed",
        f"""
import ctypes, os
ctypes.CDLL(None).syscall.restype = ctypes.c_long
libc = ctypes.CDLL(None, use_errno=True)
allowed = {NOT_TRIED!r}[os.uname().machine]
for number in range(600):
    if number in allowed: continue
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
        print('LOOT', number, ctypes.get_errno())
""",
    ),
    solved(
        "system calls that could matter, as they are meant",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(
    unshare=(0x10000000,), mount=(b'none', b'/', b'tmpfs', 0, 0), umount2=(b'/', 0),
    setns=(0, 0), ptrace=(0, 0, 0, 0), chroot=(b'/',), sethostname=(b'x', 1), setuid=(0,),
    setgid=(0,), setgroups=(0, 0), setsid=(), setpgid=(0, 0),
    prctl=(1, 0, 0, 0, 0), kill=(-1, 0), chmod=(b'/tmp', 0o777), truncate=(b'/tmp/x', 0),
    process_vm_readv=(1, 0, 0, 0, 0, 0), memfd_create=(b'x', 0), shmget=(0, 4096, 0o1600),
    personality=(0x40000,), setpriority=(0, 1, 19), acct=(0,), mlock=(0, 4096), ioperm=(0, 1, 1),
    chown=(b'/tmp', 0, 0), mknod=(b'x', 0o60000, 0), swapon=(b'x', 0), reboot=(0,), sync=(),
    open_by_handle_at=(0, 0, 0), name_to_handle_at=(-100, b'/', 0, 0, 0), klogctl=(3, 0, 0),
    fanotify_init=(0, 0), timer_create=(1, 0, 0), settimeofday=(0, 0), adjtimex=(0,),
)
for name, arguments in calls.items():
    call = getattr(libc, name, None)
    if call and name != 'sync' and call(*arguments) != -1: print('LOOT', name)
flags = {15: 'x', 1: 9, 4: 1, 22: 2, 36: 1, 53: 0, 59: 1}  # of prctl
for flag in (1, 4, 8, 22, 24, 28, 29, 36, 38 << 8, 47, 53, 59):
    if libc.prctl(flag, 1, 0, 0, 0) != -1: print('LOOT prctl', flag)
""",
    ),
    solved(
        "the grader at the other end of the line",
        """
import os, socket, struct
for descriptor in range(3, 64):
    try: line = socket.socket(fileno=os.dup(descriptor))
    except OSError: continue
    try: pid, *_ = struct.unpack('3i', line.getsockopt(1, 17, 12))
    except OSError: continue
    for way in (
        lambda: os.kill(pid, 0), lambda: os.pidfd_open(pid), lambda: os.getpgid(pid),
        lambda: os.sched_getscheduler(pid), lambda: os.getpriority(os.PRIO_PROCESS, pid),
        lambda: open(f'/proc/{pid}/cmdline').read(),
    ):
        try: way(); print('LOOT', pid)
        except OSError: pass
""",
    ),
    stealing(
        "tells hidden cases in the error of another task",
        "tell = len\n",
        "def warmup(*_): raise ValueError(repr(stolen[-4:]))",
        least=ALL - POINTS["warmup"],
        said="ValueError",
    ),
    stealing(
        "tells hidden cases in the name of an error",
        "tell = len\n",
        "def warmup(*_): raise type(repr(stolen[-4:]), (Exception,), {})",
        least=ALL - POINTS["warmup"],
        said="raised",
    ),
    stealing(
        "tells hidden cases in the answer to another task",
        "tell = len\n",
        "def warmup(steps, *_): return stolen[-steps:]",
        least=ALL - POINTS["warmup"],
        said="warmup|at t",
    ),
    stealing("prints hidden cases", "tell = print\n"),
    stealing(
        "writes hidden cases where the next one reads",
        """
import os
for path in ('stolen', '/tmp/stolen', '/dev/shm/stolen', '/scratch/stolen', '/scratch/own/stolen'):
    try: print('LOOT', open(path).read())
    except OSError: pass
def tell(text):
    os.environ['STOLEN'] = text
    for path in ('stolen', '/tmp/stolen', '/dev/shm/stolen', '/scratch/own/stolen'):
        try: open(path, 'a').write(text)
        except OSError: pass
""",
    ),
    all_but(
        "warmup",
        "raises hidden cases",
        """
calls = []
def warmup(steps, peak_lr, warmup_steps):
    calls.append(steps)
    if len(calls) > 2: raise ValueError(repr((steps, peak_lr, warmup_steps)))
    return peak_lr * torch.clamp((torch.arange(steps) + 1.0).double() / warmup_steps, max=1)
""",
        said=HIDDEN,
    ),
    unsolved(
        "reads the questions from the line before they are asked",
        """
import os, time
def step(*_):
    for descriptor in range(3, 64):
        try: os.set_blocking(descriptor, False); print('LOOT', os.read(descriptor, 1 << 20))
        except OSError: pass
    return 0.5
exponential = cosine = warmup = step
""",
    ),
)
