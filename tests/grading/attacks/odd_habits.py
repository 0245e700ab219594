"""Odd habits: what honest students write, and what must not cost them anything."""

from attacks.case import Case, all_but, answers, notebook, solved
from attacks.exam import ALL, ANSWERS, CHECKS, IMPORTS

# What a table, a page or a terminal might take for more than a text.
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://example.com","15")'
TERMINAL = "\x1b]0;title\x07\x1b[2J\x1b[31m\x00\x08\u202e"

CASES = (
    solved("nothing odd"),
    Case("nothing but the imports", lambda: notebook(IMPORTS), 0, 0, said="no answer"),
    solved(
        "prints, to both streams",
        "import sys, warnings\nprint('hello')\nprint('warning', file=sys.stderr)",
        "warnings.warn('careful')",
        printed="hello",
    ),
    solved(
        "cells that fail", "1 / 0", "undefined", "def broken(:", "assert False", "raise Exception"
    ),
    solved(
        "lines for Jupyter and the shell",
        "%time x = 1\n!rm -rf /\nx = 2\nprint?",
        "!pip install optax\n%pip install optax",
        "%%bash\nrm -rf /",
        "%load_ext autoreload\n%autoreload 2\n%matplotlib widget",
        "%%timeit\nx = 1",
        "get_ipython().run_line_magic('matplotlib', 'inline')",
    ),
    solved(
        "awaits at the top",
        "import asyncio\nawait asyncio.sleep(0.01)\nprint('AWAITED')",
        printed="AWAITED",
    ),
    solved(
        "paths of another machine",
        "np.loadtxt('C:/Users/me/data.csv')",
        "import os\nos.chdir('/home/me/course')",
    ),
    solved("packages that are not here", "import pandas as pd", "import cupy, tensorflow_datasets"),
    solved(
        "a package to install",
        "import subprocess, sys\n"
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'optax'])",
    ),
    solved(
        "a bar that shows progress",
        """
from tqdm import tqdm
from tqdm.auto import trange
for _ in tqdm(range(5)): pass
for _ in trange(5): pass
""",
    ),
    solved(
        "trains a network",
        """
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randn(32, 1))
for epoch in range(3):
    for x, y in torch.utils.data.DataLoader(data, batch_size=8, shuffle=True):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    scheduler.step()
print('TRAINED')
""",
        printed="TRAINED",
    ),
    solved(
        "loads data with two workers",
        """
data = torch.utils.data.TensorDataset(torch.randn(32, 4))
for batch in torch.utils.data.DataLoader(data, batch_size=8, num_workers=2): pass
""",
    ),
    solved("compiles a model", "torch.compile(torch.nn.Linear(2, 2))(torch.ones(1, 2))"),
    solved(
        "settings of torch",
        """
torch.set_num_threads(4)
torch.manual_seed(1)
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(True)
torch.set_grad_enabled(False)
torch.set_printoptions(precision=2)
""",
        "torch.set_default_dtype(torch.float64)",
        "torch.zeros(3, device='cuda')",
    ),
    solved(
        "settings of NumPy",
        """
np.seterr(all='raise')
np.set_printoptions(precision=2, suppress=True)
np.random.seed(1)
""",
    ),
    solved(
        "warnings are errors",
        "import warnings\nwarnings.simplefilter('error')",
        "warnings.warn('careful')",
    ),
    solved(
        "settings of Python",
        """
import decimal, gc, locale, logging, random, sys
random.seed(1)
gc.disable()
sys.tracebacklimit = 0
decimal.getcontext().prec = 3
logging.basicConfig(level=logging.DEBUG)
logging.debug('hello')
sys.excepthook = sys.displayhook = print
""",
        "locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')",
    ),
    solved(
        "windows with pictures",
        """
import matplotlib
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show(block=True)
""",
        "matplotlib.use('TkAgg')\nplt.figure()\nplt.show()",
        "plt.savefig('picture.png')",
    ),
    solved(
        "a file of its own",
        "with open('rates.csv', 'w') as file: file.write('0.1')",
        "print(open('rates.csv').read())",
    ),
    solved(
        "prints to a file",
        "import sys\nsys.stdout = open('log.txt', 'w')\nprint('hello')",
        "sys.stdout = sys.stderr = None",
        "print('hello')",
    ),
    solved(
        "names of Python for values",
        "list = [1]\nmax = min = sum = len = 3\nstr = 'a'\n"
        "type = float = int = range = print = None",
        "check = given = 'done'",
    ),
    solved(
        "names that answers use, deleted or given away",
        """
check = None
t = steps = peak_lr = 3
del math
""",
    ),
    solved("waits a little", "import time\ntime.sleep(0.3)"),
    solved(
        "a thread that ends",
        "import threading\nthread = threading.Thread(target=print, "
        "args=('THREAD',))\nthread.start()\nthread.join()",
        printed="THREAD",
    ),
    solved("leaves at the end, as in a script", "import sys\nsys.exit()"),
    solved("looks for a mistake", "breakpoint()", "import pdb\npdb.set_trace()"),
    solved(
        "an alarm of its own",
        "import signal\nsignal.alarm(1)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
    ),
    solved(
        "a class of data, and types",
        """
from __future__ import annotations
from dataclasses import dataclass
@dataclass
class Rate:
    value: float = 0.1
print(Rate())
""",
        printed="Rate",
    ),
    Case(
        "cells in reverse order",
        lambda: notebook(IMPORTS, *CHECKS.values(), *reversed(ANSWERS.values())),
        ALL,
        ALL,
    ),
    Case(
        "copied cells and older answers",
        lambda: notebook(
            IMPORTS,
            "def step(*_): return 0.0\ncheck('step', step)",
            *answers()[1:],
            *answers()[1:],
            "check('step', ...)",
            "check('step')",
            "check('no such task', 1)",
        ),
        ALL,
        ALL,
    ),
    Case(
        "answers written in other ways",
        lambda: notebook(
            IMPORTS,
            """
import functools
from fractions import Fraction
@functools.lru_cache
def power(gamma, t): return gamma ** t
check('step', lambda t, peak_lr, gamma, S: np.float64(peak_lr * power(gamma, t // S)))
class Exponential:
    def __call__(self, t, peak_lr, gamma): return torch.tensor(peak_lr * gamma ** t).double()
check('exponential', Exponential())
def cosine(t, peak_lr, steps):
    for each in t: yield peak_lr * math.cos(math.pi * each / steps / 2) ** 2
check('cosine', cosine)
def warmup(scale, steps, peak_lr, warmup_steps):
    return tuple(scale * peak_lr * min((t + 1) / warmup_steps, 1) for t in range(steps))
check('warmup', functools.partial(warmup, 1.0))
""",
        ),
        ALL,
        ALL,
    ),
    Case(
        "prints in every answer",
        lambda: notebook(
            IMPORTS,
            *(
                text.replace("return", "print('at', locals())\n    return")
                for text in ANSWERS.values()
            ),
        ),
        ALL,
        ALL,
    ),
    all_but(
        "step",
        "a mistake that many make",
        "def step(t, peak_lr, gamma, step_size): return peak_lr * gamma ** (t / step_size)",
        said="at t = 1",
    ),
    all_but("step", "another first line", "def step(x): return x", said="takes|calls it"),
    all_but(
        "step",
        "prints in place of giving back",
        "def step(*values): print(values)",
        said="Write return",
    ),
    all_but("step", "not written yet", "def step(*_): raise NotImplementedError", said="dots"),
    all_but("step", "dots", "def step(*_): return ...", said="dots"),
    all_but(
        "cosine",
        "a mistake of NumPy",
        "np.seterr(all='raise')\ndef cosine(t, *_): return np.ones(len(t)) / 0",
        said="FloatingPointError",
    ),
    all_but(
        "warmup",
        "another type for all of torch",
        "torch.set_default_dtype(torch.float16)\n"
        "def warmup(steps, *_): return torch.ones(steps) / 3",
        said="at t",
    ),
    all_but(
        "step",
        "markup, formulas and codes in all that is shown",
        f"print({MARKUP!r}, {FORMULA!r}, {TERMINAL!r})",
        f"raise ValueError({MARKUP + FORMULA + TERMINAL!r})",
        f"""
def step(*_): raise type({MARKUP!r}, (Exception,), {{}})({FORMULA + TERMINAL!r})
step.__name__ = step.__qualname__ = {MARKUP!r}
check('step', step)
check({FORMULA!r}, {MARKUP!r})
""",
        said="alert",
    ),
)
