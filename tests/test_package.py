"""What is built for users: contents of wheel and sdist, and the wheel at work away from here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = {
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "CITATION.cff",
        ROOT / "datapackage.json",
        *(ROOT / "data").glob("*.csv"),
        *(ROOT / "schemas").glob("*.json"),
    )
}
MODULES = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "idlib_data").rglob("*")
    if path.suffix in (".py", ".typed")
}
MEGABYTE = 1_000_000


def build(kind: str, source: Path, target: Path) -> Path:
    """Build a wheel or sdist of a source tree with hatchling, and give the one file it makes."""
    code = (
        "import sys, hatchling.build as backend\n"
        "print(getattr(backend, 'build_' + sys.argv[1])(sys.argv[2]))"
    )
    target.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, kind, str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (made,) = target.iterdir()
    assert done.stdout.split()[-1] == made.name
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel") / "dist")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", ROOT, folder / "dist")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (top,) = (folder / "unpacked").iterdir()
    return top


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("site") / "packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def away(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where only the unpacked wheel, and never the checkout, can be imported."""
    environment = {
        name: value for name, value in os.environ.items() if name != "IDLIB_DATA_PACKAGE"
    } | {"PYTHONPATH": str(site), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_carries_the_modules_and_the_data_and_nothing_else(wheel: Path) -> None:
    version = json.loads((ROOT / "datapackage.json").read_text("utf-8"))["version"]
    info = f"idlib_data-{version}.dist-info"
    names = set(content(wheel))
    expected = MODULES | {f"idlib_data/_bundle/{name}" for name in DATA}
    assert {name for name in names if not name.startswith(f"{info}/")} == expected
    assert {f"{info}/METADATA", f"{info}/RECORD", f"{info}/entry_points.txt"} <= names
    assert f"{info}/licenses/LICENSE" in names
    assert wheel.name == f"idlib_data-{version}-py3-none-any.whl"


def test_the_data_in_the_wheel_are_those_of_the_checkout(wheel: Path) -> None:
    files = content(wheel)
    changed = [
        name for name in DATA if files[f"idlib_data/_bundle/{name}"] != (ROOT / name).read_bytes()
    ]
    assert changed == []
    assert any(name.startswith("data/") for name in DATA)
    assert any(name.startswith("schemas/") for name in DATA)


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 2 * MEGABYTE


def test_the_wheel_states_version_licence_and_program(wheel: Path) -> None:
    files = content(wheel)
    metadata = next(files[name] for name in files if name.endswith("/METADATA")).decode("utf-8")
    version = json.loads((ROOT / "datapackage.json").read_text("utf-8"))["version"]
    headers = metadata.partition("\n\n")[0].splitlines()
    assert "Name: idlib-data" in headers
    assert f"Version: {version}" in headers
    assert "License-Expression: MIT AND CC-BY-4.0" in headers
    entry = next(files[name] for name in files if name.endswith("/entry_points.txt"))
    assert "idlib-data = idlib_data.cli:main" in entry.decode("utf-8").splitlines()


def test_licence_and_readme_are_not_empty() -> None:
    assert "CC" in (ROOT / "LICENSE").read_text("utf-8")
    assert "idlib-data" in (ROOT / "README.md").read_text("utf-8")


def test_the_sdist_carries_what_the_wheel_is_built_and_tested_from(sdist: Path) -> None:
    names = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    assert names >= DATA | MODULES | {"pyproject.toml", "README.md", "LICENSE"}
    assert "tests/test_package.py" in names
    parts = {part for name in names for part in name.split("/")}
    assert (
        parts & {".git", ".venv", "__pycache__", "_bundle", ".mypy_cache", ".ruff_cache"} == set()
    )


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    again = build("wheel", sdist, tmp_path / "dist")
    assert again.name == wheel.name
    assert content(again) == content(wheel)


def test_the_installed_wheel_finds_its_own_copy_of_the_data(site: Path, tmp_path: Path) -> None:
    code = (
        "import json, idlib_data as idl\n"
        "found, patrols = idl.open(), idl.patrols()\n"
        "july = patrols.set_index('patrol_id').loc['pat-m4-2020-07-14']\n"
        "print(json.dumps([idl.__file__, found.origin, str(found.root), found.version,\n"
        "    idl.__version__, len(patrols), int(july['sequence']), idl.validate().valid]))"
    )
    done = away(site, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    version = json.loads((ROOT / "datapackage.json").read_text("utf-8"))["version"]
    rows = len((ROOT / "data" / "patrols.csv").read_text("utf-8").splitlines()) - 1
    assert json.loads(done.stdout) == [
        str(site / "idlib_data" / "__init__.py"),
        "embedded",
        str(site / "idlib_data" / "_bundle"),
        version,
        version,
        rows,
        21,
        True,
    ]


def test_the_installed_program_works_and_writes_nothing_beside_itself(
    site: Path, tmp_path: Path
) -> None:
    def files() -> set[str]:
        return {
            str(path.relative_to(site))
            for path in site.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }

    before = files()
    info = away(site, tmp_path, "-m", "idlib_data", "info", "--format", "json")
    assert (info.returncode, info.stderr) == (0, "")
    assert json.loads(info.stdout)["found"] == "embedded"
    checked = away(site, tmp_path, "-m", "idlib_data", "validate", "--format", "json")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert json.loads(checked.stdout)["valid"] is True
    assert files() == before
    assert list(tmp_path.iterdir()) == []


def test_every_public_name_can_be_imported_from_the_wheel(site: Path, tmp_path: Path) -> None:
    code = (
        "import idlib_data\n"
        "missing = [n for n in idlib_data.__all__ if getattr(idlib_data, n, None) is None]\n"
        "print(missing, sorted(idlib_data.__all__) == idlib_data.__all__)\n"
        "from idlib_data import *"
    )
    done = away(site, tmp_path, "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[] True\n", "")
