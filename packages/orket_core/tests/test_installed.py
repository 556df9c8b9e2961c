"""What evidence depends on: the node's bytes and those of what it needs, outside core's own."""

from __future__ import annotations

import json
import platform
import sys
from typing import TYPE_CHECKING

import pytest

from orket.core.errors import OrketError
from orket.core.evidence import Installed, installed
from orket.core.families import TOOL_RUNNER, TOOL_STRATEGY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import Family

    Wheel = Callable[..., Path]
    Look = Callable[..., Catalog]
    Measure = Callable[..., Installed]

ENTRY_POINTS = "[orket.tool_strategy]\nreviewer = acme:Reviewer\n"


@pytest.fixture
def measure(site: Path, look: Look) -> Measure:
    """Measures the node ``reviewer`` as it is installed."""

    def measure(family: Family[object] = TOOL_STRATEGY) -> Installed:
        catalog = look(site)
        (ref,) = (ref for ref in catalog.refs if ref.name == "reviewer")
        return installed(family, ref, catalog, 1)

    return measure


@pytest.fixture
def acme(wheel: Wheel) -> Callable[..., Path]:
    """Installs the distribution of the node, with what it requires."""
    return lambda *requires: wheel("acme", {"acme.py": "x = 1\n"}, ENTRY_POINTS, requires=requires)


@pytest.fixture
def needed(measure: Measure) -> Callable[[], list[str]]:
    return lambda: list(measure().dependencies)


def test_a_node_is_measured_by_version_files_contract_and_profile(acme: Wheel, measure: Measure) -> None:
    acme()
    measured = measure()
    assert measured.payload.version == "1.0"
    assert list(measured.payload.files) == ["acme.py", "entry_points.txt"]
    assert measured.payload.digest.startswith("sha256:")
    assert (measured.dependencies, measured.contract, measured.profile) == ({}, 1, TOOL_STRATEGY.checks)
    assert not measured.editable


def test_every_installed_dependency_is_measured(acme: Wheel, wheel: Wheel, measure: Measure) -> None:
    acme("Beta_Lib >= 2")
    wheel("beta-lib", {"beta.py": ""}, version="2.1")
    measured = measure()
    assert list(measured.dependencies) == ["beta-lib"]
    assert measured.dependencies["beta-lib"].version == "2.1"
    assert list(measured.dependencies["beta-lib"].files) == ["beta.py"]


def test_dependencies_of_dependencies_count(
    acme: Wheel, wheel: Wheel, needed: Callable[[], list[str]]
) -> None:
    acme("beta")
    wheel("beta", {}, requires=["gamma"])
    wheel("gamma", {}, requires=["beta"])
    assert needed() == ["beta", "gamma"]


def test_what_core_needs_itself_does_not_count(
    acme: Wheel, wheel: Wheel, needed: Callable[[], list[str]]
) -> None:
    acme("orket-core==0.1.0", "pluggy", "beta")
    wheel("orket-core", {}, requires=["pluggy", "pydantic"])
    wheel("pluggy", {})
    wheel("pydantic", {}, requires=["annotated"])
    wheel("annotated", {})
    wheel("beta", {}, requires=["annotated", "pydantic"])
    assert needed() == ["beta"]


def test_a_requirement_counts_only_where_its_marker_holds(
    acme: Wheel, wheel: Wheel, needed: Callable[[], list[str]]
) -> None:
    acme('beta; python_version >= "3"', 'gamma; python_version < "3"', 'delta; extra == "fast"')
    for name in ("beta", "gamma", "delta"):
        wheel(name, {})
    assert needed() == ["beta"]


def test_an_extra_that_is_asked_for_brings_what_it_needs(
    acme: Wheel, wheel: Wheel, needed: Callable[[], list[str]]
) -> None:
    acme("beta[Fast_IO, other]>=1")
    wheel("beta", {}, requires=['gamma; extra == "fast-io"', 'delta; extra == "slow"'])
    wheel("gamma", {})
    wheel("delta", {})
    assert needed() == ["beta", "gamma"]


def test_an_extra_that_the_entry_point_names_brings_what_it_needs(
    wheel: Wheel, needed: Callable[[], list[str]]
) -> None:
    entry_points = "[orket.tool_strategy]\nreviewer = acme:Reviewer [Fast_IO, more]\n"
    requires = ['beta; extra == "fast-io"', 'gamma; extra == "slow"', 'delta; extra == "more"']
    wheel("acme", {"acme.py": ""}, entry_points, requires=requires)
    for name in ("beta", "gamma", "delta"):
        wheel(name, {})
    assert needed() == ["beta", "delta"]


def test_a_requirement_that_is_not_installed_does_not_count(
    acme: Wheel, needed: Callable[[], list[str]]
) -> None:
    acme("beta")
    assert needed() == []


@pytest.mark.parametrize("marker", ['pythonversion >= "3"', 'os_name ~= "posix"'])
def test_a_marker_that_cannot_be_judged_is_told(marker: str, acme: Wheel, measure: Measure) -> None:
    info = acme(f"beta; {marker}")
    with pytest.raises(OrketError) as caught:
        measure()
    error = caught.value.diagnostic
    assert error.message.startswith("What is needed cannot be told: ")
    assert (error.code, error.looked_in, error.hint) == (
        "broken-metadata",
        str(info),
        "install a version whose metadata is valid",
    )


def test_a_dependency_without_a_record_is_told(acme: Wheel, wheel: Wheel, measure: Measure) -> None:
    acme("beta")
    (wheel("beta", {}) / "RECORD").unlink()
    with pytest.raises(OrketError, match="What was installed cannot be told"):
        measure()


def test_strays_of_dependencies_count(acme: Wheel, wheel: Wheel, measure: Measure, site: Path) -> None:
    acme("beta")
    wheel("beta", {"beta/__init__.py": ""})
    (site / "beta" / "patch.py").write_text("")
    assert measure().unfit == ("beta/patch.py: importable, and unknown to RECORD",)


ELSEWHERE = "is in no file that evidence covers"


def test_a_module_that_another_distribution_ships_can_be_proved_only_where_that_is_a_dependency(
    wheel: Wheel, measure: Measure
) -> None:
    wheel("beta", {"beta/__init__.py": "", "beta/inner.py": ""})
    names_it = "[orket.tool_strategy]\nreviewer = beta.inner:Reviewer [fast]\n"
    wheel("acme", {"acme.py": ""}, names_it, requires=["beta"])
    assert measure().unfit == ()
    wheel("acme", {"acme.py": ""}, names_it)
    assert measure().unfit == (
        f"beta/__init__.py: runs before the node, and {ELSEWHERE}",
        f"beta.inner: holds the node, and {ELSEWHERE}",
    )


def test_a_source_tree_that_is_not_where_its_installation_says_cannot_be_proved(
    wheel: Wheel, measure: Measure, tmp_path: Path
) -> None:
    """As a build backend installs it that maps packages to other folders by a finder of its own."""
    (tmp_path / "project/lib/acme").mkdir(parents=True)
    (tmp_path / "project/lib/acme/__init__.py").write_text("")
    info = wheel("acme", {"__editable___acme_finder.py": ""}, ENTRY_POINTS)
    origin = {"url": (tmp_path / "project").as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    assert measure().unfit == (f"acme: holds the node, and {ELSEWHERE}",)


@pytest.mark.parametrize(
    "name", ["acme.py", "acme/__init__.py", "acme.cpython-311-x86_64-linux-gnu.so", "acme.pyc", "acme.pyd"]
)
def test_a_node_may_be_in_any_importable_file_of_its_distribution(
    name: str, wheel: Wheel, measure: Measure
) -> None:
    wheel("acme", {name: ""}, ENTRY_POINTS)
    assert measure().unfit == ()


@pytest.mark.parametrize("name", ["acme.libs/part.so", "acme.txt", "acme.backup.py", "acme/inner.py"])
def test_a_file_that_only_looks_like_the_module_does_not_hold_the_node(
    name: str, wheel: Wheel, measure: Measure
) -> None:
    wheel("acme", {name: ""}, ENTRY_POINTS)
    assert measure().unfit == (f"acme: holds the node, and {ELSEWHERE}",)


def test_only_a_family_that_depends_on_them_records_python_and_platform(
    acme: Wheel, measure: Measure
) -> None:
    acme()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert measure(TOOL_STRATEGY).platform == ""
    assert measure(TOOL_RUNNER).platform == f"{python} {sys.platform} {platform.machine()}"


def test_every_source_is_told_with_its_place_and_its_hash(
    acme: Wheel, wheel: Wheel, measure: Measure, site: Path
) -> None:
    acme("beta")
    wheel("beta", {"beta.py": ""})
    measured = measure()
    assert measured.sources["acme.py"] == (str(site / "acme.py"), measured.payload.files["acme.py"])
    assert measured.sources["beta.py"][0] == str(site / "beta.py")
