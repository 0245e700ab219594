"""What both pages stand in: one file, which asks nobody for anything and runs nothing."""

import base64
import hashlib
from pathlib import Path

from lrcourse.grading.pages.markup import Html, element, joined

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def document(title: str, *body: Html) -> str:
    """A whole page.

    Its policy is the second wall, should markup ever get past the first: no script, no picture,
    no form, no other address, and no style but ours.
    """
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    page = element("html", head, "\n", element("body", joined(body, "\n")), lang="en")
    return f"<!doctype html>\n{page}\n"
