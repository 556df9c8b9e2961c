# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.10"]
# ///
"""Every check and every build of the project.

    python3 noxfile.py             the demo
    python3 noxfile.py -s tests    all that a change must pass
    python3 noxfile.py -l          what else there is

Python and pip are enough: where nox is missing, the file makes itself a private environment under `.nox` and goes on
there. An existing `nox` and `uv run noxfile.py` work as well. What follows `--` goes to the tool of the session.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
REQUIREMENT, NEEDS_NOX = re.findall(r'"(nox\[uv\](>=[\d.]+))"', Path(__file__).read_text(encoding="utf-8"))[0]
BOOTED = "ORKET_NOXFILE_BOOTED"


def _has_nox() -> bool:
    if not all(map(importlib.util.find_spec, ("nox", "uv"))):
        return False
    floor = [int(part) for part in NEEDS_NOX.removeprefix(">=").split(".")]
    return [int(part) for part in importlib.metadata.version("nox").split(".")] >= floor


def _give_up(what: str, hint: str) -> NoReturn:
    sys.exit(f"noxfile.py: {what}\n  Python: {sys.executable} ({sys.version.split()[0]})\n  hint:   {hint}")


def _pip_can_install_elsewhere() -> bool:
    """`pip --python` came with 22.3."""
    try:
        major, minor = importlib.metadata.version("pip").split(".")[:2]
    except importlib.metadata.PackageNotFoundError:
        return False
    return (int(major), int(minor)) >= (22, 3)


def _make(home: Path, python: Path) -> None:
    borrowed = _pip_can_install_elsewhere()
    print(f"noxfile.py: making {home.relative_to(ROOT)} with {REQUIREMENT} (once)", file=sys.stderr)
    try:
        # An own pip needs ensurepip, which Debian ships apart (python3-venv): borrow ours where that can be done.
        venv.create(home, clear=True, symlinks=True, with_pip=not borrowed)
        pip = [sys.executable, "-m", "pip", f"--python={python}"] if borrowed else [str(python), "-m", "pip"]
        # A user installation would miss the environment.
        own = {**os.environ, "PIP_USER": "0"}
        subprocess.run([*pip, "install", "--quiet", REQUIREMENT], check=True, env=own)
    except (subprocess.CalledProcessError, OSError) as error:
        _give_up(
            f"could not make {home} with {REQUIREMENT}: {error}",
            "read what pip said above; a network or a package index is needed once. "
            "Without pip (Debian: apt install python3-pip), `uv run noxfile.py` does as well.",
        )


def _boot() -> None:
    """Go on in an environment that has nox: this one, or else a private one."""
    booted = os.environ.pop(BOOTED, None)
    if sys.version_info < (3, 11):  # noqa: UP036 - the file is also started by Pythons that are too old
        _give_up("Orket needs Python 3.11 or later.", "start it with a later one: python3.13 noxfile.py")
    if _has_nox():
        return
    home = ROOT / ".nox" / f"boot-{sys.version_info.major}.{sys.version_info.minor}"
    python, stamp = home / "bin" / "python", home / "complete"
    if booted:
        stamp.unlink(missing_ok=True)
        _give_up(f"{home} has no working {REQUIREMENT}.", "run it again: the environment is made anew.")
    identity = f"{REQUIREMENT} {Path(sys.executable).resolve()}"
    if not (python.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == identity):
        _make(home, python)
        stamp.write_text(identity, encoding="utf-8")
    command = [str(python), __file__, *sys.argv[1:]]
    os.execve(python, command, {**os.environ, BOOTED: "1"})  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    _boot()

import nox  # noqa: E402 - it may just have been installed

nox.needs_version = NEEDS_NOX
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["demo"]
# With CI set, nox would fail for each Python that a machine does not have.
nox.options.error_on_missing_interpreters = False

# Pythons that pyenv holds but has not put forward. They come last: what PATH already says wins.
os.environ["PATH"] += "".join(f"{os.pathsep}{path}" for path in Path.home().glob(".pyenv/versions/3.*/bin"))

OLDEST = "3.11"
# The running Python is always among them: a machine cannot pass by having none that is listed.
PYTHONS = sorted({OLDEST, "3.12", "3.13", f"{sys.version_info.major}.{sys.version_info.minor}"})
PARALLEL = ["-n=auto", "--dist=worksteal"]  # slow tests stand side by side: idle workers take some over
MEMBERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))


def _sync(session: nox.Session, *options: str) -> None:
    """Make the session's environment exactly what the workspace and these groups ask for."""
    home = session.virtualenv.location
    command = ["uv", "sync", "--quiet", "--no-default-groups", f"--python={home}", *options]
    session.run_install(*command, env={"UV_PROJECT_ENVIRONMENT": home, "UV_PYTHON_DOWNLOADS": "never"})


@nox.session
def demo(session: nox.Session) -> None:
    """Play the demo: one recorded agent session under several nodes."""
    _sync(session, "--all-packages")
    session.run("orket", "demo", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on each Python found, then lint, types, layers and the examples."""
    if not session.posargs:
        for name in ("lint", "types", "layers", "examples"):
            session.notify(name)
    _sync(session, "--all-packages", "--group=test")
    session.run("pytest", *(session.posargs or PARALLEL))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and form: Python by ruff, workflows by their schema and zizmor."""
    _sync(session, "--only-group=lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    workflows = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob(".github/workflows/*.yml"))]
    session.run("check-jsonschema", "--builtin-schema=vendor.github-workflows", *workflows)
    session.run("zizmor", "--offline", "--quiet", "--pedantic", *workflows)


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict."""
    _sync(session, "--all-packages", "--group=types")
    session.run("mypy")
    session.run("pyright", f"--pythonpath={session.virtualenv.bin}/python")


@nox.session
def layers(session: nox.Session) -> None:
    """Check which package may import which, and that files lie where the layout says."""
    _sync(session, "--all-packages", "--group=layers")
    session.run("lint-imports", "--no-cache")
    session.run("pytest", "--quiet", "tests/test_layout.py", "tests/test_architecture_doc.py")


@nox.session
def cov(session: nox.Session) -> None:
    """Run the tests and show what no test has run."""
    _sync(session, "--all-packages", "--group=cov")
    report = "--cov-report=term-missing:skip-covered"
    session.run("pytest", "--cov", report, *(session.posargs or PARALLEL))


@nox.session
def build(session: nox.Session) -> None:
    """Build every distribution, then install, import and test each wheel alone with what it declares."""
    session.install("twine>=6.1")
    dist = _build(session)
    session.run("twine", "check", "--strict", *sorted(map(str, dist.iterdir())))
    for member in MEMBERS:
        _try_alone(session, member, dist)


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Test each wheel with the lowest versions it says it works with."""
    dist = _build(session)
    for member in MEMBERS:
        _try_alone(session, member, dist, resolution="lowest-direct")


@nox.session
def examples(session: nox.Session) -> None:
    """Test the examples as their readers have them: somewhere else, from wheels, with the SDKs they are about."""
    dist = _build(session)
    session.run_install("uv", "build", "--quiet", "--wheel", f"--out-dir={dist}", "examples/plugin")
    session.install("mypy>=2.4,<3", "-r", "examples/requirements.txt", f"--constraints={_siblings(dist)}")
    copy = dist.parent / "examples"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT / "examples", copy, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    with session.chdir(copy):
        session.run("pytest", *session.posargs)
        session.run(
            "mypy", f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={dist.parent / 'mypy'}", "."
        )


@nox.session
def bench(session: nox.Session) -> None:
    """Measure each row side by side with its peers, from wheels; `-- NAME…` picks rows."""
    wheels = map(str, _build(session).glob("*.whl"))
    session.install(*wheels, "-r", "benchmarks/requirements.txt")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def stress(session: nox.Session) -> None:
    """Show what takes minutes to show, such as a million swaps under a file tool; `-- NAME… --share 0.01` for less."""
    _sync(session, "--all-packages", "--group=test")
    session.run("python", "-m", "stress", *session.posargs)


def _build(session: nox.Session) -> Path:
    dist = Path(session.create_tmp()).resolve() / "dist"
    what = ("--all-packages", "--no-create-gitignore", "--clear", f"--out-dir={dist}")
    session.run_install("uv", "build", "--quiet", *what)
    return dist


def _siblings(dist: Path) -> Path:
    """Constraints that take each distribution of this repository from the wheel just built."""
    wheels = {path.name.split("-")[0]: path for path in dist.glob("*.whl")}
    siblings = dist / "siblings.txt"
    siblings.write_text("".join(f"{name} @ {path.as_uri()}\n" for name, path in wheels.items()), "utf-8")
    return siblings


def _try_alone(session: nox.Session, member: Path, dist: Path, resolution: str = "highest") -> None:
    """Install one wheel into an empty environment, import its package and run its tests."""
    session.log(f"{member.name} alone, {resolution}")
    home = dist.parent / "alone"
    base = session.virtualenv.location
    session.run_install("uv", "venv", "--quiet", "--clear", f"--python={base}", str(home))

    install = ("uv", "pip", "install", "--quiet", f"--python={home}", f"--constraints={_siblings(dist)}")
    # A wheel's dependencies are not direct ones, so that resolving a wheel alone would lower nothing.
    declared = ("--no-sources", "-r", str(member / "pyproject.toml"))
    session.run_install(*install, f"--resolution={resolution}", *declared)
    session.run_install(*install, "--no-deps", *map(str, dist.glob(f"{member.name}-*.whl")))
    for marker in member.glob("src/**/py.typed"):
        package = ".".join(marker.parent.relative_to(member / "src").parts)
        python = str(home / "bin" / "python")
        session.run(python, "-I", "-W", "error", "-c", f"import {package}", external=True)
    if any(member.glob("tests/test_*.py")):
        asking = [
            path for path in (ROOT, member) if "[dependency-groups]" in (path / "pyproject.toml").read_text()
        ]
        session.run_install(
            *install, "--no-sources", *(f"--group={path}/pyproject.toml:test" for path in asking)
        )
        session.run(str(home / "bin" / "pytest"), "--quiet", str(member / "tests"), external=True)


if __name__ == "__main__":
    sys.argv[1:1] = ["--noxfile", __file__]
    nox.main()
