"""All cases, in their groups."""

from attacks import (
    broken_files,
    disturbs_others,
    forges,
    leaves_early,
    looks_around,
    never_ends,
    odd_habits,
    resources,
)

GROUPS = {
    "never ends": never_ends.CASES,
    "resources": resources.CASES,
    "leaves early": leaves_early.CASES,
    "forges": forges.CASES,
    "looks around": looks_around.CASES,
    "disturbs others": disturbs_others.CASES,
    "broken files": broken_files.CASES,
    "odd habits": odd_habits.CASES,
}
# What level 1 promises: a fair score. Not that the machine is safe.
FAIR = ("never ends", "leaves early", "forges", "broken files", "odd habits")
