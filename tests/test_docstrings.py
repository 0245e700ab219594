"""Examples in docstrings are run, and everything public says what it is."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import lrcourse

MODULES = ["lrcourse", *(m.name for m in pkgutil.walk_packages(lrcourse.__path__, "lrcourse."))]


def public_things(module):
    for name, thing in vars(module).items():
        is_ours = getattr(thing, "__module__", None) == module.__name__
        if name[0] != "_" and is_ours and (inspect.isclass(thing) or inspect.isfunction(thing)):
            yield name, thing


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    tried = [doctest.testmod(importlib.import_module(name)).attempted for name in MODULES]
    assert sum(tried) >= 2


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name):
    module = importlib.import_module(name)
    assert module.__doc__
    silent = [name for name, thing in public_things(module) if not inspect.getdoc(thing)]
    assert not silent
