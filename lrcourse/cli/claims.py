"""`lrcourse claims`: the empirical sentences of the course, and their experiments."""

import argparse
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from lrcourse.cli.names import Refusal, suggestion
from lrcourse.cli.output import WIDEST


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse claims`."""
    parser.add_argument("words", nargs="*", metavar="NAME", help="do the experiment of this claim")
    parser.add_argument("--all", action="store_true", help="do every experiment (some minutes)")
    parser.add_argument("--section", metavar="NN", help="do those of this section, such as 06")
    parser.add_argument(
        "--first-seed", type=int, default=0, metavar="N", help="use the seeds from N on (default 0)"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="as one table, for a page of documentation"
    )


def run(args: argparse.Namespace) -> Iterable[str]:
    """The list, or what the experiments found, each as soon as it is done."""
    from lrcourse.claims import CLAIMS  # torch loads slowly; --help need not wait

    chosen = _chosen(args, CLAIMS)
    if args.first_seed < 0:
        raise Refusal(f"--first-seed must be at least 0, got {args.first_seed}")
    if args.markdown and not chosen:
        raise Refusal("--markdown needs the experiments of a claim: name one, or add --all")
    if not chosen:
        return overview(CLAIMS.values())
    if args.markdown:
        return table(claim.run(args.first_seed) for claim in chosen)
    return reports(claim.run(args.first_seed) for claim in chosen)


def overview(claims: Iterable[Any]) -> Iterator[str]:
    """Name, verdict and sentence of each, by section."""
    for claim in claims:
        yield f"{claim.section}  {claim.name}: {claim.verdict}"
        yield from textwrap.wrap(
            claim.sentence, WIDEST, initial_indent="    ", subsequent_indent="    "
        )
    yield ""
    yield "Do one experiment: lrcourse claims noise-floor. All of them: lrcourse claims --all."


def reports(findings: Iterable[Any]) -> Iterator[str]:
    """The text of each finding, its lines wrapped."""
    for finding in findings:
        for line in str(finding).splitlines():
            yield from textwrap.wrap(line, WIDEST, subsequent_indent=" " * 11)
        yield f"  {finding.seconds:.1f} s"
        yield ""


def table(findings: Iterable[Any]) -> Iterator[str]:
    """A page: under the name of each claim its sentence, its numbers and the verdict."""
    yield "# What we measured"
    yield ""
    yield "The empirical sentences of the course, folklore included. This page was written by"
    yield "`lrcourse claims --all --markdown`; run it, and see whether your numbers agree. Each"
    yield "number comes with its 95% interval, and speaks for the sentence or against it."
    yield ""
    for finding in findings:
        yield f"## {finding.claim.section} {finding.claim.name}"
        yield ""
        yield from finding._repr_markdown_().splitlines()
        yield ""


def _chosen(args: argparse.Namespace, claims: dict[str, Any]) -> list[Any]:
    """The claims that were asked for, in the order of the course."""
    for name in args.words:
        if name not in claims:
            meant = suggestion(name, claims, {}) or "; lrcourse claims lists them all"
            raise Refusal(f"there is no claim {name}{meant}")
    sections = sorted({claim.section for claim in claims.values()})
    if args.section is not None and args.section not in sections:
        raise Refusal(
            f"no claim belongs to section {args.section}; there are {', '.join(sections)}"
        )
    return [
        claim
        for name, claim in claims.items()
        if args.all or name in args.words or claim.section == args.section
    ]
