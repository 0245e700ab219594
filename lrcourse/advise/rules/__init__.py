"""The whole rule set, as data: a file for each topic, or print it: `lrcourse advise --rules`.

    schedule, peak, warmup              the first rule that holds decides
    symptoms, batch, instead, watch     every rule that holds is told
    unknown                             what the advice cannot tell

The special stands above the general. A rule that cites a claim says which verdict it rests on; a
test compares that with what the course measured. What rules share stands in sources, questions
and numbers.
"""

from lrcourse.advise.rules.batch import BATCH_RULES
from lrcourse.advise.rules.instead import OTHER_RULES
from lrcourse.advise.rules.peak import PEAK_RULES
from lrcourse.advise.rules.schedule import SCHEDULE_RULES
from lrcourse.advise.rules.symptoms import SYMPTOM_RULES
from lrcourse.advise.rules.unknown import UNKNOWN_RULES
from lrcourse.advise.rules.warmup import WARMUP_RULES, longest_warmup
from lrcourse.advise.rules.watch import WATCH_RULES

RULES = (
    *SCHEDULE_RULES,
    *PEAK_RULES,
    *WARMUP_RULES,
    *SYMPTOM_RULES,
    *BATCH_RULES,
    *OTHER_RULES,
    *WATCH_RULES,
    *UNKNOWN_RULES,
)

__all__ = ["RULES", "longest_warmup"]
