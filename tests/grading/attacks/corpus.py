"""Grades the corpus in a process of its own, and says what is wrong with each case:

    echo '["a fork bomb"]' | python -m attacks.corpus 3 FOLDER

The first line is what does not hold at this level; then comes one line for each case, with the
faults in words. FOLDER is where everything that is written down would be found again.
"""

import ctypes
import json
import os
import sys
import threading
import time
from pathlib import Path

from attacks.case import answers, notebook
from attacks.exam import ALL, EXAM, numbers
from attacks.groups import GROUPS
from attacks.pages import faults_of_pages
from attacks.watch import Watch
from lrcourse.grading.grade import grade
from lrcourse.grading.sandbox import Limits, Sandbox, failures_of
from lrcourse.tasks import PUBLIC_SEED

LIMITS = Limits(cpu=8.0, cell=0.5, call=0.5, wall=9.0, memory=640 << 20)
PR_SET_CHILD_SUBREAPER = 36
PAGES = "the pages of all of them"
SURROUNDINGS = """
import builtins, os, random, resource, signal, sys, threading
thread = threading.Thread(target=print, args=('a thread',))
thread.start()
thread.join()
try: files = os.listdir('.')
except OSError as error: files = type(error)
print(files, sorted(os.environ), os.umask(0), sys.path, threading.active_count())
print([hasattr(each, 'left') for each in (builtins, np, torch, random)], torch.get_default_dtype())
print(random.random(), np.random.random(), torch.rand(1), signal.pthread_sigmask(0, []))
print([resource.getrlimit(each) for each in range(16)])
"""
HONEST = notebook(*answers(), SURROUNDINGS)


class Corpus:
    """One sandbox, in which one case is graded after the other, and honest students in between."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.seed = 1000
        self.records = []
        sandbox.start()
        self.printed = self._grade(HONEST, "honest")["printed"]
        self.watch = Watch(folder if sandbox.level >= 2 else None)

    def faults_of(self, case, beside: bool) -> list[str]:
        """What is wrong after this case, with its record or with anything else."""
        neighbour = Neighbour(self) if beside else None
        started = time.monotonic()
        record = self._grade(case.file(), f"=<u>{case.name}")
        seconds = time.monotonic() - started
        self.records.append(record)
        faults = faults_of_record(case, record)
        if seconds > case.seconds:
            faults.append(f"took {seconds:.1f} s, more than {case.seconds:g} s")
        if neighbour:
            faults += neighbour.faults()
        next_one = self._grade(HONEST, "honest")
        faults += self.faults_of_honest(next_one, "the next honest student", self.printed)
        if self.sandbox.starts != 1:
            faults.append(f"the warm process was started {self.sandbox.starts} times")
        return faults + self.watch.left()

    def faults_of_honest(self, record, who: str, printed: str) -> list[str]:
        told = []
        if record["score"] != ALL:
            told.append(f"{who} got {record['score']}: {record['reason']} {record['tasks']}")
        if record["printed"] != printed:
            told.append(f"{who} saw {record['printed']!r}, and not {printed!r}")
        return told

    def _grade(self, data: bytes, student: str):
        self.seed += 1
        return grade(data, EXAM, student, self.seed, self.sandbox)


class Neighbour:
    """Honest students who are graded in the same sandbox at the same time, one after another."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        # The threads of a user's processes are counted together, so that only root's has its own.
        self.file = HONEST if os.getuid() == 0 else notebook(*answers())
        self.printed = corpus.printed if os.getuid() == 0 else ""
        self.told = []
        self.is_over = False
        self.thread = threading.Thread(target=self._grade_on)
        self.thread.start()

    def faults(self) -> list[str]:
        self.is_over = True
        self.thread.join()
        return self.told

    def _grade_on(self) -> None:
        while not self.is_over:
            record = grade(self.file, EXAM, "neighbour", 5, self.corpus.sandbox)
            self.told += self.corpus.faults_of_honest(record, "an honest neighbour", self.printed)


def faults_of_record(case, record) -> list[str]:
    """What the record says and should not, or does not say and should."""
    faults = []
    outcome, score, reason = record["outcome"], record["score"], record["reason"]
    if outcome != case.outcome:
        faults.append(f"{outcome}, and not {case.outcome}: {reason}")
    if not case.least <= score <= case.most:
        faults.append(f"{score} points, and not {case.least} to {case.most}")
    said = [each["said"] for each in record["tasks"].values() if not each["points"]]
    said = [reason] if outcome != "graded" else said
    if not all(said) or (case.said and not is_in(case.said, said)):
        faults.append(f"says {said}, and not {case.said!r}")
    if case.printed not in record["printed"]:
        faults.append(f"printed {record['printed']!r}, and not {case.printed!r}")
    whole = json.dumps(record)
    faults += [f"found {line}" for line in record["printed"].splitlines() if "LOOT" in line]
    if "LOOT" in whole.replace(json.dumps(record["printed"]), ""):
        faults.append("found something: LOOT is in the record")
    hidden = numbers(record["seed"]) - numbers(PUBLIC_SEED)
    return faults + [
        f"the hidden {number} is in the record" for number in hidden if number in whole
    ]


def is_in(words: str, sentences) -> bool:
    """Whether one of "these|words" stands in one of the sentences."""
    return any(each in sentence for each in words.split("|") for sentence in sentences)


def tell(**told) -> None:
    print(json.dumps(told), flush=True)


def main() -> None:
    level, folder, wanted = int(sys.argv[1]), Path(sys.argv[2]), json.load(sys.stdin)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whoever loses his parent is ours
    failures = failures_of(level) if level >= 2 else []
    tell(failures=failures)
    if failures:
        return
    os.chdir(folder)
    with Sandbox(level, LIMITS) as sandbox:
        corpus = Corpus(sandbox, folder)
        for group, cases in GROUPS.items():
            for case in cases:
                if case.name in wanted:
                    started = time.monotonic()
                    faults = corpus.faults_of(case, group == "disturbs others")
                    tell(
                        case=case.name,
                        faults=faults,
                        seconds=time.monotonic() - started,
                        cpu=corpus.records[-1]["cpu_seconds"],
                    )
    tell(case=PAGES, faults=faults_of_pages(corpus.records, folder / "results"))


if __name__ == "__main__":
    main()
