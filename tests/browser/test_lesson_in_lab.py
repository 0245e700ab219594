"""Lesson 01 as a learner meets it: the built notebook in JupyterLab."""

import re

from lab_page import all_errors, cell_with, errors_shown, keep_picture, run_all
from playwright.sync_api import expect


def test_before_it_runs_the_lesson_shows_its_pictures(opened):
    page = opened("notebooks", "01_step.ipynb")
    picture = cell_with(page, "explore(schedule)").locator("img")
    expect(picture).to_have_attribute("alt", re.compile("StepDecay.*PyTorch agrees"))


def test_the_lesson_runs_and_its_explorer_follows_the_keys(opened):
    page = opened("notebooks", "01_step.ipynb")
    run_all(page)
    assert all_errors(page) == errors_shown(page) == []

    cell = cell_with(page, "explore(schedule)")
    curve = cell.locator(".curve").first
    curve.wait_for()
    before = curve.get_attribute("d")
    cell.get_by_role("slider", name=re.compile("step_size")).focus()
    page.keyboard.press("ArrowRight")
    expect(curve).not_to_have_attribute("d", before)
    expect(cell.get_by_role("status")).to_contain_text("step_size = 31")
    keep_picture(page, "lesson_01_explorer")

    cell_with(page, "height_ratios")
    keep_picture(page, "lesson_01_experiment")


def test_the_index_is_the_door(opened):
    page = opened("notebooks", "index.ipynb")
    expect(page.get_by_role("heading", name="The learning rate and its schedules")).to_be_visible()
    keep_picture(page, "index")
