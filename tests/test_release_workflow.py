"""The release workflow: its script at work on small repositories, and what the workflow may do."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.mini import CHECKOUT, edit
from tests.release.helpers import DAY, make_source

SCRIPT = CHECKOUT / "scripts" / "release.sh"
WORKFLOW = CHECKOUT / ".github" / "workflows" / "release.yml"

REAL = f'exec "{sys.executable}" -m idlib_data "$@"'
"""The program itself, as the body of a shell script."""

FAKE = """
[ "$1 $2 $4" = "release build --out" ]
mkdir -p "$5/loose"
cat "$3/datapackage.json" >"$5/loose/datapackage.json"
echo archive >"$5/archive.zip"
"""
"""A program that makes the same release of the same state."""

PYTHON = f"""
if [ "$1 $2" != "-m build" ]; then exec "{sys.executable}" "$@"; fi
[ "$3 $4" = "--no-isolation --outdir" ]
mkdir -p "$5"
echo "$SOURCE_DATE_EPOCH" >"$5/package.whl"
"""
"""A Python whose module for building makes a wheel of nothing but the time it is told."""


@dataclass(frozen=True)
class Run:
    """A run of the script, with the calls of the program it made."""

    code: int
    log: str
    calls: list[list[str]]


def git(folder: Path, *arguments: str) -> str:
    """Run git away from the settings of whoever runs the tests."""
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=settings(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def settings() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "IDLIB_", "SOURCE_"))}
    name, day = "Somebody", f"{DAY}T12:00:00Z"
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": f"{name}@example.org" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_DATE": day for who in ("AUTHOR", "COMMITTER")},
    }


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "State")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The mini package at version 1.0.0, committed."""
    folder = make_source(tmp_path / "our data")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    return folder


def run(folder: Path, *arguments: str, program: str = FAKE, python: str = PYTHON) -> Run:
    """Run the script in a repository, with programs of one's own."""
    commands, calls = folder.parent / "bin", folder.parent / "calls"
    commands.mkdir(exist_ok=True)
    noted = f'printf \'%s\\0\' "$@" >>"{calls}"; echo >>"{calls}"\n'
    for name, body in {"python": python, "idlib-data": noted + program}.items():
        (commands / name).write_text(f"#!/usr/bin/env bash\nset -e\n{body}\n", "utf-8")
        (commands / name).chmod(0o755)
    temporary = folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        ["bash", str(SCRIPT), *arguments],
        cwd=folder,
        env=settings()
        | {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(CHECKOUT),
            "TMPDIR": str(temporary),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    # However it ends, it leaves nothing where it worked.
    assert list(temporary.iterdir()) == []
    lines = calls.read_text("utf-8").splitlines() if calls.is_file() else []
    return Run(done.returncode, done.stdout + done.stderr, [x.split("\0")[:-1] for x in lines])


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_the_tag_that_is_the_version_passes_and_nothing_is_built(repository: Path) -> None:
    assert run(repository, "1.0.0") == Run(0, "", [])
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("tag", ["1.0.1", "v1.0.0", "1.0", "1.0.0 ", "*"])
def test_a_tag_that_is_not_the_version_is_refused(repository: Path, tag: str) -> None:
    found = run(repository, tag, "dist")
    assert (found.code, found.calls) == (1, [])
    assert found.log == (
        f"::error title=release::the tag is {tag}, but the version in datapackage.json is 1.0.0\n"
    )
    assert not (repository / "dist").exists()


def test_without_a_tag_the_call_is_explained(repository: Path) -> None:
    found = run(repository)
    assert (found.code, found.calls) == (2, [])
    assert "give the tag" in found.log


def test_two_equal_builds_give_the_release_and_the_packages(repository: Path) -> None:
    found = run(repository, "1.0.0", "dist/built")
    assert found.code == 0, found.log
    built = repository / "dist" / "built"
    assert files(built) == {
        "data/archive.zip",
        "data/loose/datapackage.json",
        "python/package.whl",
    }
    assert "with the same bytes" in found.log


def test_the_second_build_is_of_a_clone_in_another_folder(repository: Path) -> None:
    found = run(repository, "1.0.0", "dist")
    first, second = found.calls
    assert [call[:2] + call[3:4] for call in found.calls] == [["release", "build", "--out"]] * 2
    assert first[2] == "."
    assert second[2].startswith(str(repository.parent / "temporary"))
    assert first[4] != second[4]


def test_wheel_and_sdist_are_of_the_time_of_the_commit(repository: Path) -> None:
    assert run(repository, "1.0.0", "dist").code == 0
    told = (repository / "dist" / "python" / "package.whl").read_text("utf-8").strip()
    assert told == git(repository, "log", "-1", "--format=%ct")


def test_the_first_release_has_no_base(repository: Path) -> None:
    git(repository, "tag", "1.0.0")
    found = run(repository, "1.0.0", "dist")
    assert [len(call) for call in found.calls] == [5, 5]


def test_the_release_before_is_the_base_and_the_own_tag_is_not(repository: Path) -> None:
    git(repository, "tag", "1.0.0")
    git(repository, "tag", "some-other-tag")
    edit(repository, "datapackage.json", '"version": "1.0.0"', '"version": "1.0.1"')
    commit(repository)
    git(repository, "tag", "1.0.1")
    found = run(repository, "1.0.1", "dist")
    assert found.code == 0, found.log
    assert [call[5:] for call in found.calls] == [["--base=1.0.0"]] * 2


@pytest.mark.parametrize(
    ("program", "python", "name"),
    [
        (FAKE + 'echo "$3" >"$5/loose/place.txt"', PYTHON, "place.txt"),
        (FAKE + 'if [ "$3" = . ]; then touch "$5/loose/more.txt"; fi', PYTHON, "more.txt"),
        (FAKE, PYTHON + 'echo "$5" >>"$5/package.whl"', "package.whl"),
    ],
    ids=["other bytes", "one more file", "other wheel"],
)
def test_builds_that_differ_are_refused(
    repository: Path, program: str, python: str, name: str
) -> None:
    found = run(repository, "1.0.0", "dist", program=program, python=python)
    assert found.code == 1
    assert "::error title=release::two builds of 1.0.0 differ" in found.log
    assert name in found.log
    assert not (repository / "dist").exists()


@pytest.mark.parametrize("code", [1, 2])
def test_a_build_that_fails_ends_with_its_own_code(repository: Path, code: int) -> None:
    found = run(repository, "1.0.0", "dist", program=f"echo why >&2; exit {code}")
    assert (found.code, len(found.calls)) == (code, 1)
    assert "why\n" in found.log
    assert "::error title=release::the release cannot be built" in found.log
    assert not (repository / "dist").exists()


def test_a_wheel_that_cannot_be_built_is_a_fault_of_the_environment(repository: Path) -> None:
    broken = f'[ "$2" = build ] || exec "{sys.executable}" "$@"; echo no module; exit 1'
    found = run(repository, "1.0.0", "dist", python=broken)
    assert found.code == 2
    assert "no module\n" in found.log
    assert not (repository / "dist").exists()


def test_a_folder_that_is_there_is_left_alone(repository: Path) -> None:
    (repository / "dist").mkdir()
    found = run(repository, "1.0.0", "dist")
    assert (found.code, found.calls) == (2, [])
    assert "dist is there already" in found.log


def test_the_real_program_builds_the_same_release_twice(repository: Path) -> None:
    found = run(repository, "1.0.0", "dist", program=REAL)
    assert found.code == 0, found.log
    top = repository / "dist" / "data"
    assert {"SHA256SUMS", "idlib-data-1.0.0.zip", "idlib-data-1.0.0/manifest.json"} <= files(top)
    assert f"of {DAY}, first release" in found.log


def workflow() -> Any:
    return YAML(typ="safe").load(WORKFLOW.read_text("utf-8"))


def test_the_workflow_runs_on_the_tags_that_are_versions() -> None:
    assert workflow()["on"] == {"push": {"tags": ["[0-9]+.[0-9]+.[0-9]+"]}}


def test_the_tag_is_checked_before_the_tests_and_the_builds_come_after_them() -> None:
    scripts = [step["run"] for step in workflow()["jobs"]["build"]["steps"] if "run" in step]
    check, tests, build = scripts
    assert check == 'bash scripts/release.sh "$GITHUB_REF_NAME"'
    assert tests == "bash scripts/test"
    assert build.endswith(f"{check} dist/built")


def test_the_history_is_there_for_the_build() -> None:
    (checkout,) = [
        step
        for job in workflow()["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkout["with"]["fetch-depth"] == 0


def test_publishing_comes_last_and_alone_may_ask_for_an_identity() -> None:
    jobs = workflow()["jobs"]
    assert [(name, job.get("needs")) for name, job in jobs.items()] == [
        ("build", None),
        ("attach", "build"),
        ("publish", "attach"),
    ]
    allowed = [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})]
    assert allowed == ["publish"]
    # It runs nothing of this repository, and nothing that a shell could be made to run.
    assert [step["uses"].partition("@")[0] for step in jobs["publish"]["steps"]] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]


def test_no_value_from_outside_is_part_of_a_script() -> None:
    steps = [step for job in workflow()["jobs"].values() for step in job["steps"]]
    assert [step for step in steps if "${{" in step.get("run", "")] == []
