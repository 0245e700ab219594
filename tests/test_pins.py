"""pyproject.toml (ranges), constraints.txt (pins) and environment.yml (conda) say the same."""

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [Requirement(text) for text in [*PROJECT["dependencies"], *EXTRAS["lab"], *EXTRAS["test"]]]
CONDA_NAMES = {"pytorch-cpu": "torch"}


def pins() -> dict[str, str]:
    """{name: version} of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    split = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in split}


def conda() -> tuple[dict[str, str], list[str]]:
    """{name: version} of environment.yml, both parts, and the words of its pip part without one."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    for_pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    pinned = [text.replace("==", "=") for text in [*entries, *for_pip] if "=" in text]
    named = (text.split("=") for text in pinned)
    others = [text for text in for_pip if "=" not in text]
    return {CONDA_NAMES.get(name, name): version for name, version in named}, others


@pytest.mark.parametrize("wanted", DIRECT, ids=lambda wanted: wanted.name)
def test_each_dependency_is_pinned_within_its_range(wanted):
    assert wanted.specifier.contains(pins()[canonicalize_name(wanted.name)])


def test_no_pin_has_a_local_part_or_is_a_range():
    versions = "".join(pins().values())
    assert not set(versions) & set("+<>~!*, ")


def test_each_pin_that_is_installed_here_allows_the_oldest_python():
    refused = [
        f"{package.name} {package.version}"
        for package in importlib.metadata.distributions()
        if pins().get(canonicalize_name(package.name)) == package.version
        and not SpecifierSet(package.metadata.get("Requires-Python") or "").contains("3.11.2")
    ]
    assert refused == []


def test_torch_is_the_version_that_was_measured():
    assert pins()["torch"] == "2.13.0"


def test_conda_has_the_same_versions():
    versions, _ = conda()
    python = versions.pop("python>")
    assert python.startswith("3.11")
    assert versions == {wanted.name: pins()[canonicalize_name(wanted.name)] for wanted in DIRECT}


def test_conda_installs_the_course_itself():
    _, others = conda()
    assert others == ["-e ."]


def test_only_conda_forge_is_asked():
    assert yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["channels"] == [
        "conda-forge",
        "nodefaults",
    ]
