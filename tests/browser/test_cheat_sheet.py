"""The cheat sheet: made from the schedules, and one printed page."""

import re

from playwright.sync_api import Page

from tools import cheat_sheet
from tools.cheat_sheet import PAGE, ROWS


def test_it_is_current():
    assert PAGE.read_text("utf-8") == cheat_sheet.page(), "run python tools/cheat_sheet.py"


def test_it_is_one_printed_page_and_nothing_is_cut_off(page: Page):
    page.goto(PAGE.as_uri())
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert page.locator("tbody tr").count() == len(ROWS)
    page.set_viewport_size({"width": 1123, "height": 794})  # A4, landscape
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 1123


def test_every_curve_moves(page: Page):
    page.goto(PAGE.as_uri())
    paths = page.locator("svg path").evaluate_all("all => all.map((p) => p.getAttribute('d'))")
    assert len(set(paths)) == len(ROWS)
    assert all(len(set(re.findall(r" ([\d.]+)", path))) > 2 for path in paths)
