"""The explorer's front end on a page of its own: no JupyterLab and no kernel.

`Explorer` of Python computes every picture, as always; only the wire between is made here. So a
test takes milliseconds, and it may hold an answer back, send it late, or send none at all.
"""

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route

from lrcourse.explore.explorer import SOURCE, Explorer

ADDRESS = "http://127.0.0.1:9/"  # answered by `_serve` alone; this computer counts as secure
THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
SHARED = ("words", "title", "presets", "plays", "controls", "picture")
INNER = (
    "short, tickLabel, niceTicks, niceLimit, extent, countUpTo, linearScale, logScale, "
    "decodedMark, numbers, endOf, valueAt, thinned, simplified, curvePath, bandPath, SHAPES, "
    "spread, laidOut, draw, under, element, svg, CONTROLS, render"
)
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>explorer</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body { margin: 8px; background: var(--jp-layout-color0, Canvas); }</style>
<link rel="stylesheet" href="/explorer.css"></head><body></body></html>"""

# What ipywidgets gives a front end: values by name, events, and bytes as a DataView.
MODEL = """
async () => {
  window.front = await import("/front.js");
  const revived = (_, value) => {
    if (typeof value?.base64 !== "string") return value;
    const bytes = Uint8Array.from("?" + atob(value.base64), (letter) => letter.charCodeAt(0));
    return new DataView(bytes.buffer, 1); // begins at an odd byte, as parts of a message do
  };
  window.Model = class {
    constructor(state) {
      this.state = JSON.parse(state, revived);
      this.sent = []; // what a kernel has been told
      this.told = []; // and its custom messages
      this.handlers = [];
      this.kernel = null;
    }
    get(name) { return this.state[name]; }
    set(name, value) { this.state[name] = value; }
    on(event, handler) { this.handlers.push({ event, handler }); }
    off(event, handler) {
      const isThis = (each) => each.event === event && each.handler === handler;
      this.handlers = this.handlers.filter((each) => !isThis(each));
    }
    save_changes() {
      this.sent.push(structuredClone(this.state.moved));
      if (this.kernel) this.kernel("moved", this.state.moved).then((state) => this.receive(state));
    }
    send(content) {
      this.told.push(content);
      if (this.kernel) this.kernel("message", content).then((state) => this.receive(state));
    }
    receive(state) {
      const news = JSON.parse(state, revived);
      Object.assign(this.state, news);
      for (const name of Object.keys(news)) {
        for (const { event, handler } of this.handlers) if (event === `change:${name}`) handler();
      }
    }
  };
  window.shown = [];
  window.show = (state, kernel) => {
    const model = new Model(state);
    if (kernel) model.kernel = (kind, content) => window[kernel](kind, content);
    const el = document.body.appendChild(document.createElement("div"));
    const remove = front.render({ model, el });
    shown.push({ model, el, remove });
  };
}
"""


class Bare:
    """A page with the front end, and explorers on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.explorers: list[Explorer] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route(f"{ADDRESS}**", _serve)
        page.goto(ADDRESS)
        page.evaluate(MODEL)

    def show(self, explorer: Explorer, answers: bool = True) -> Locator:
        """The explorer on the page; where it `answers`, Python follows each move."""
        name = f"kernel{len(self.explorers)}"
        self.explorers.append(explorer)
        self.page.expose_function(name, lambda kind, content: _answer(explorer, kind, content))
        kernel = name if answers else None
        self.page.evaluate("([state, kernel]) => show(state, kernel)", [state_of(explorer), kernel])
        self.page.evaluate(TWO_FRAMES)
        return self.page.locator(".lrcourse-explorer").nth(len(self.explorers) - 1)

    def show_stopped(self, explorer: Explorer) -> Locator:
        """The explorer on a page whose clock was installed; no kernel answers."""
        state = state_of(explorer)
        self.explorers.append(explorer)
        self.page.evaluate("state => show(state, null)", state)
        self.page.clock.run_for(100)
        return self.page.locator(".lrcourse-explorer").nth(len(self.explorers) - 1)

    def receive(self, explorer: Explorer, **changed: Any) -> None:
        """Send the present picture of `explorer` to the page, with these entries changed."""
        self._send(explorer, picture={**explorer.picture, **changed})

    def receive_ahead(self, explorer: Explorer, *wanted: dict[str, Any]) -> None:
        """Send the pictures that `explorer` foresees for these values of all controls."""
        explorer._look_ahead(list(wanted))
        self._send(explorer, ahead=explorer.ahead)

    def _send(self, explorer: Explorer, **state: Any) -> None:
        which = self.explorers.index(explorer)
        written = _written(state)
        self.page.evaluate("([k, state]) => shown[k].model.receive(state)", [which, written])

    def sent(self, which: int = 0) -> list[dict[str, Any]]:
        """The moves that the page has sent."""
        return self.page.evaluate("k => shown[k].model.sent", which)

    def call(self, expression: str, *arguments: Any) -> Any:
        """What an expression of the inner functions `front` gives; `a`, `b`, ... are arguments.

        Numbers that JSON has no word for come through: NaN and infinities.
        """
        names = ", ".join("abcdefgh"[: len(arguments)])
        return self.page.evaluate(f"([{names}]) => {expression}", list(arguments))

    def use_theme(self, name: str) -> None:
        """ "light", "dark": the colours of JupyterLab's own themes; "vscode" and "colab": dark."""
        self.page.evaluate(SET_THEME, [name, theme_colors(name)])


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SET_THEME = """([how, style]) => {
  document.body.setAttribute("style", style);
  document.body.toggleAttribute("data-jp-theme-light", false);
  const isLab = how === "light" || how === "dark";
  if (isLab) document.body.dataset.jpThemeLight = String(how === "light");
  document.body.classList.toggle("vscode-dark", how === "vscode");
  document.documentElement.toggleAttribute("theme", false);
  if (how === "colab") document.documentElement.setAttribute("theme", "dark");
}"""


def theme_colors(name: str) -> str:
    """The declarations that a page of this kind makes."""
    if name == "vscode":
        return "background: #1f1f1f; color: #cccccc; --vscode-foreground: #cccccc"
    if name == "colab":
        return "background: #383838; color: #e8eaed"
    css = (THEMES / f"theme-{name}-extension/index.css").read_text("utf-8")
    return ";".join(re.findall(r"--(?:jp|md)-[\w-]+:[^;}]*", css))


def state_of(explorer: Explorer) -> str:
    """All that the page needs to begin, as JSON in which bytes are base64."""
    return _written({name: getattr(explorer, name) for name in SHARED})


def _written(state: dict[str, Any]) -> str:
    return json.dumps(state, default=lambda x: {"base64": base64.b64encode(x).decode()})


def _answer(explorer: Explorer, kind: str, content: dict[str, Any]) -> str:
    """What Python sends back after a move or a message of the page: what has changed."""
    controls, ahead = explorer.controls, explorer.ahead
    if kind == "moved":
        explorer.moved = content
    else:
        explorer._hear(explorer, content, [])
    if explorer.picture["state"] == "running":
        explorer.finish()
    renewed = {"controls": explorer.controls} if explorer.controls != controls else {}
    if explorer.ahead is not ahead:
        renewed["ahead"] = explorer.ahead
    return _written({**renewed, "picture": explorer.picture})


def _serve(route: Route) -> None:
    exported = f"{SOURCE}\nexport {{ {INNER} }};"
    pages = {
        "": ("text/html", HTML),
        "explorer.css": ("text/css", Explorer._css),
        "front.js": ("text/javascript", exported),
    }
    kind, body = pages.get(route.request.url.removeprefix(ADDRESS), ("text/plain", ""))
    route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")
