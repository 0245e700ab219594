"""The page about a class: what to teach next, which tasks to read again, whom to look at."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Any, NamedTuple

from lrcourse.grading.pages.class_numbers import (
    FEWEST,
    Alike,
    Named,
    OfTask,
    commonest_mistakes,
    equal_outputs,
    graded,
    one_of_each,
    possible,
    results,
    score_columns,
    scores,
    tasks_of,
)
from lrcourse.grading.pages.frame import document
from lrcourse.grading.pages.markup import Html, described, element, joined, table, theirs
from lrcourse.grading.pages.pictures import bar, histogram
from lrcourse.grading.pages.words import (
    counted,
    level,
    limits,
    number,
    points,
    seconds,
    sentence,
    share,
    sign_of,
    versions,
    when,
)

Record = Mapping[str, Any]
MOST_SAID = 1_000  # characters of a reason
OUTCOMES = {
    "needs review": "Needs review: a person has to look at it",
    "zero": "Zero, with the reason",
}
LOW = 0.1  # a discrimination below it is pointed at


def class_page(
    records: Iterable[Record],
    *,
    title: str,
    names: bool = False,
    roster: Mapping[str, str] | None = None,
    pages: Mapping[str, str] | None = None,
) -> str:
    """A whole HTML file about the current records of one assignment, one for each student.

    Without `names` nobody is named, nor is any answer or reason shown that somebody could be
    known by: the page can be shown in class. `roster` says what a student is called, `pages`
    where his or her page is.
    """
    listed = one_of_each(records)
    parts = [
        *_overview(listed, title),
        *_teach(commonest_mistakes(listed), len(graded(listed))),
        *_tasks(tasks_of(listed), len(graded(listed))),
    ]
    if names:
        people = People(roster or {}, pages or {})
        parts += [
            *_alike(equal_outputs(listed), people),
            *_outcomes(listed, people),
            *_students(listed, people),
        ]
    return document(title, element("main", *parts), _foot(listed))


class People(NamedTuple):
    """What a student is called, and where his or her page is."""

    roster: Mapping[str, str]
    pages: Mapping[str, str]

    def link(self, student: str) -> Html:
        """The name, as a link where there is a page."""
        name = theirs(self.roster.get(student) or student)
        page = self.pages.get(student)
        return element("a", name, href=page) if page else name

    def links(self, students: Iterable[str]) -> Html:
        """One after the other."""
        links = joined((self.link(student) for student in students), ", ")
        return element("span", links, class_="names")


# How the class did ------------------------------------------------------------------------------


def _overview(listed: Sequence[Record], title: str) -> list[Html]:
    head = element("h1", title)
    if not listed:
        return [head, element("p", "Nothing has been handed in yet.")]
    ends = Counter(record["outcome"] for record in listed)
    facts = [("handed in", str(len(listed))), ("graded", str(ends["graded"]))]
    facts += [(word, str(ends[word])) for word in ("zero", "needs review") if ends[word]]
    found = scores(listed)
    of = possible(listed)
    if not found:
        return [head, _facts(facts)]
    facts += [("median points", f"{points(median(found))} of {points(of)}")]
    facts += [("mean points", f"{fmean(found):.1f}")]
    zeros = " Zeros are counted." if ends["zero"] else ""
    return [
        *(head, _facts(facts), element("h2", "Points"), histogram(score_columns(found, of))),
        element("p", f"{counted(len(found), 'submission')} with points.{zeros}", class_="soft"),
    ]


def _facts(pairs: Iterable[tuple[str, str]]) -> Html:
    return element(
        "ul", *(element("li", element("b", value), name) for name, value in pairs), class_="facts"
    )


def _teach(mistakes: Sequence[Named], whole: int) -> list[Html]:
    if not mistakes:
        return []
    lessons = [
        element(
            "section",
            element("h3", each.mistake),
            element("p", each.lesson),
            element(
                "p",
                f"{share(each.students, whole)} of the class, {each.students} of {whole}, "
                f"in {each.task_id} {each.title}",
                class_="share",
            ),
            class_="lesson",
        )
        for each in mistakes
    ]
    return [element("h2", "Teach this tomorrow"), *lessons]


def _tasks(tasks: Sequence[OfTask], whole: int) -> list[Html]:
    if not tasks:
        return []
    heads = ("Task", "Right", "Wrong", "Open", "Discrimi\N{SOFT HYPHEN}nation")
    rows = [
        (
            f"{task.id} {task.title}",
            _passed(task),
            element("span", task.wrong, class_="number"),
            element("span", task.open, class_="number"),
            _discrimination(task.discrimination),
        )
        for task in tasks
    ]
    caption = f"Of the {whole} that were graded; open: not attempted"
    return [element("h2", "Tasks"), table(caption, heads, rows), *_what_it_means(tasks, whole)]


def _passed(task: OfTask) -> Html:
    told = element("b", share(task.right, task.students)), f" ({task.right})"
    return element("span", *told, bar(task.right, task.wrong, task.students), class_="number")


def _discrimination(value: float | None) -> Html:
    if value is None:
        return element("span", "–", class_="number")
    low = [element("span", " ! low", class_="status lost")] if value < LOW else []
    return element("span", f"{value:.2f}".replace("-", "−"), *low, class_="number")


def _what_it_means(tasks: Sequence[OfTask], whole: int) -> list[Html]:
    if all(task.discrimination is None for task in tasks):
        why = f"it needs {FEWEST} graded notebooks" if whole < FEWEST else "all did equally well"
        return [element("p", f"No discrimination is given: {why}.", class_="soft")]
    told = (
        "Discrimination is the item-rest correlation (the corrected point-biserial): whether those "
        "who have this task right also have more points in all other tasks. Where it is low or "
        "negative, read the task again: it may be unclear, or ask for something else. "
        f"With {whole} notebooks, values within ±{2 / whole**0.5:.2f} may be chance. "
        "A dash stands where everybody did equally well."
    )
    return [element("p", told, class_="soft")]


# Whom to look at --------------------------------------------------------------------------------


def _alike(groups: Sequence[Alike], people: People) -> list[Html]:
    if not groups:
        return []
    rows = [
        (
            f"{group.task_id} {group.title}",
            people.links(group.students),
            theirs(sentence(group.said), MOST_SAID),
        )
        for group in groups
    ]
    told = (
        "These wrong answers give exactly the same numbers, and no mistake that we know explains "
        "them. Look with your own eyes: short tasks produce equal mistakes, and this proves "
        "nothing about anybody. It may also be a mistake that deserves a name and a lesson."
    )
    return [
        element("h2", "Equal wrong answers"),
        element("p", told),
        table("Groups of more than one", ("Task", "Students", "What was said"), rows),
    ]


def _outcomes(listed: Sequence[Record], people: People) -> list[Html]:
    parts: list[Html] = []
    for outcome, heading in OUTCOMES.items():
        rows = [
            (people.link(str(each["student"])), theirs(sentence(_reason(each)), MOST_SAID))
            for each in listed
            if each["outcome"] == outcome
        ]
        if rows:
            parts.append(element("h2", heading))
            parts.append(table(counted(len(rows), "submission"), ("Student", "Reason"), rows))
    return parts


def _reason(record: Record) -> str:
    return str(record.get("reason") or "no reason is given.")


def _students(listed: Sequence[Record], people: People) -> list[Html]:
    """Everybody, with a sign for each task."""
    if not listed:
        return []
    task_ids = [task.id for task in tasks_of(listed)]
    rows = [
        (
            people.link(str(record["student"])),
            _score(record),
            *(_mark(results(record).get(task_id)) for task_id in task_ids),
        )
        for record in listed
    ]
    heads = ("Student", "Points", *task_ids)
    return [
        element("h2", "Students"),
        table(
            "Everybody, with each task: ✓ right, ✗ wrong, ! did not finish, – not attempted",
            heads,
            rows,
        ),
    ]


def _score(record: Record) -> Html:
    if record["outcome"] == "needs review":
        return element("span", "review", class_="status wrong")
    return element("span", points(record["score"]), class_="number")


def _mark(found: Mapping[str, Any] | None) -> Html:
    if found is None:
        return Html("")
    sign = sign_of(found["status"])
    return element(
        "span",
        element("span", sign.mark, aria_hidden="true"),
        element("span", sign.word, class_="unread"),
        class_=sign.colour,
    )


# The foot ---------------------------------------------------------------------------------------


def _foot(listed: Sequence[Record]) -> Html:
    """How it was graded; more than one level or version stands out here."""
    if not listed:
        return Html("")
    return element(
        "footer",
        element("h2", "How this was graded"),
        described(
            (
                ("Assignment", theirs(listed[0]["assignment"])),
                ("Graded", _between(record.get("graded_at") for record in listed)),
                ("Isolation", _each(level(record.get("level")) for record in listed)),
                ("Limits", _each(limits(record.get("limits")) for record in listed)),
                ("Versions", _each(versions(record.get("versions")) for record in listed)),
                ("Tasks (sha256)", _each(str(record.get("spec") or "")[:16] for record in listed)),
                ("It took", _time(listed)),
            )
        ),
    )


def _each(values: Iterable[str]) -> Html:
    """Each value once; with how many have it, where there are several."""
    counts = Counter(value for value in values if value)
    if len(counts) < 2:
        return joined(theirs(value) for value in counts)
    lines = [element("li", theirs(value), f" ({count})") for value, count in counts.most_common()]
    return element("ul", *lines)


def _between(moments: Iterable[object]) -> str:
    """ "2026-11-22 21:03 UTC to 2026-11-22 21:05 UTC" """
    found = sorted({when(moment) for moment in moments} - {""})
    return found[0] if len(found) == 1 else " to ".join(found[:1] + found[-1:])


def _time(listed: Sequence[Record]) -> str:
    """All together, of the processor, and the slowest."""
    took = [number(record.get("seconds")) or 0.0 for record in listed]
    cpu = sum(number(record.get("cpu_seconds")) or 0.0 for record in listed)
    return (
        f"{seconds(sum(took))} for {counted(len(listed), 'submission')}, one after the other "
        f"({seconds(cpu)} of processor time); the slowest {seconds(max(took))}"
    )
