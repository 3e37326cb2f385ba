"""The checks for contributors: the script of the action at work, and the files services read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from idlib_data.cli import main
from tests.mini import CHECKOUT, edit, make_mini

SCRIPT = CHECKOUT / "scripts" / "action.sh"
ACTION = CHECKOUT / "action.yml"
HOOKS = CHECKOUT / ".pre-commit-hooks.yaml"
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))

MORE_PERMISSIONS = {
    "release": {
        # Makes the release of the tag and attaches the files; it runs nothing of the checkout.
        "attach": {"contents": "write"},
        # Proves to the package index which workflow publishes, in the place of a stored password.
        "publish": {"id-token": "write"},
    }
}
"""Workflow -> job -> what it may do beyond reading, and why; nothing else may."""

REAL = f'exec "{sys.executable}" -m idlib_data "$@"'
"""The program itself, as the body of a shell script."""

FAKE = """
problems='{"severity": "error"}, {"severity": "warning"}, {"severity": "warning"}'
while [ $# -gt 0 ]; do
    case $1 in
    --report)
        if [ "${2%%=*}" = json ]; then
            printf '{"valid": false, "problems": [%s]}' "$problems" >"${2#*=}"
        else
            echo "said as ${2%%=*}" >"${2#*=}"
        fi
        shift
        ;;
    esac
    shift
done
exit 1
"""
"""A program that finds the same faults in everything, at once."""


@dataclass(frozen=True)
class Step:
    """A run of the script, and what it left behind for the service."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    reports: Path
    calls: list[list[str]]

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::")]


def run(folder: Path, program: str, **variables: str) -> Step:
    """Run the script as a step of a workflow would, in a folder with the packages."""
    commands, runner = folder / "bin", folder / "runner"
    commands.mkdir()
    runner.mkdir()
    for name, body in {
        "python": f'exec "{sys.executable}" "$@"',
        "idlib-data": f'printf \'%s\\0\' "$@" >>"{folder}/calls"; echo >>"{folder}/calls"\n'
        + program,
    }.items():
        (commands / name).write_text(f"#!/usr/bin/env bash\n{body}\n", "utf-8")
        (commands / name).chmod(0o755)
    given = {k: v for k, v in os.environ.items() if not k.startswith(("IDLIB_", "GITHUB_"))}
    given |= {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "RUNNER_TEMP": str(runner),
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    (folder / "summary").write_text("from a step before\n", "utf-8")
    done = subprocess.run(
        ["bash", str(SCRIPT)],
        cwd=folder,
        env=given | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Step(
        done.returncode,
        done.stdout + done.stderr,
        (folder / "summary").read_text("utf-8"),
        dict(line.split("=", 1) for line in lines_of(folder / "output")),
        runner / "idlib-data-reports",
        [line.split("\0")[:-1] for line in lines_of(folder / "calls")],
    )


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Step:
    folder = tmp_path_factory.mktemp("sound")
    make_mini(folder / "our data")
    return run(folder, REAL, IDLIB_PATH="our data")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Step:
    """A package in which an event names a place that is not there."""
    folder = tmp_path_factory.mktemp("broken")
    make_mini(folder / "mini")
    edit(folder / "mini", "data/events.csv", "loc-ariha,near,pat", "loc-arihah,near,pat")
    return run(folder, REAL, IDLIB_PATH="mini")


def test_a_sound_package_passes_with_one_notice(sound: Step) -> None:
    assert sound.code == 0, sound.log
    (notice,) = sound.annotations
    assert notice.startswith("::notice title=idlib-data validate::")
    assert "0 errors, 0 warnings" in notice


def test_a_sound_package_is_told_in_outputs_and_summary(sound: Step) -> None:
    assert sound.outputs == {
        "valid": "true",
        "errors": "0",
        "warnings": "0",
        "reports": str(sound.reports),
    }
    before, after = sound.summary.splitlines()
    assert before == "from a step before"
    assert after.startswith("### ✅ ")


def test_a_broken_package_fails_with_an_annotation_at_its_line(broken: Step) -> None:
    assert broken.code == 1, broken.log
    about = "file=mini/data/events.csv,line=5,"
    (annotation,) = [a for a in broken.annotations if "title=foreign-key" in a]
    assert annotation.startswith(f"::error {about}")
    assert "loc-arihah" in annotation


def test_a_broken_package_is_told_in_outputs_and_summary(broken: Step) -> None:
    told = json.loads((broken.reports / "report.json").read_text("utf-8"))
    assert {problem["rule"] for problem in told["problems"]} >= {"foreign-key"}
    assert broken.outputs["valid"] == "false"
    assert broken.outputs["errors"] == str(len(told["problems"])) != "0"
    assert broken.outputs["warnings"] == "0"
    assert "### ❌ " in broken.summary
    assert "`foreign-key`" in broken.summary
    assert broken.summary.startswith("from a step before\n")


def test_the_reports_of_a_broken_package_lie_in_the_folder_of_the_output(broken: Step) -> None:
    assert broken.outputs["reports"] == str(broken.reports)
    files = {path.name: path.read_text("utf-8") for path in broken.reports.iterdir()}
    assert set(files) == {"report.html", "report.json", "report.sarif"}
    assert "loc-arihah" in files["report.html"]
    assert files["report.html"].startswith("<!doctype html>")
    results = json.loads(files["report.sarif"])["runs"][0]["results"]
    assert "foreign-key" in {result["ruleId"] for result in results}


def test_errors_are_told_but_pass_where_they_are_not_to_fail(tmp_path: Path) -> None:
    step = run(tmp_path, FAKE, IDLIB_FAIL_ON_ERROR="false")
    assert step.code == 0, step.log
    assert step.outputs == {
        "valid": "false",
        "errors": "1",
        "warnings": "2",
        "reports": str(step.reports),
    }


def test_errors_fail_unless_told_otherwise(tmp_path: Path) -> None:
    step = run(tmp_path, FAKE)
    assert step.code == 1
    assert step.outputs["errors"] == "1"
    assert step.summary == "from a step before\nsaid as markdown\n"


def test_the_base_and_an_odd_path_reach_the_program_as_they_are(tmp_path: Path) -> None:
    path, base = "--help; $(touch made)", "main 'x' $(touch made)"
    step = run(tmp_path, FAKE, IDLIB_PATH=path, IDLIB_AGAINST=base)
    assert step.code == 1
    (call,) = step.calls
    assert call[0] == "validate"
    assert call[-3:] == [f"--against={base}", "--", path]
    assert not (tmp_path / "made").exists()


def test_without_a_base_none_is_asked_for_and_the_path_is_here(tmp_path: Path) -> None:
    step = run(tmp_path, FAKE, IDLIB_AGAINST="")
    assert [call[-2:] for call in step.calls] == [["--", "."]]
    assert "--against" not in " ".join(word for call in step.calls for word in call)


def test_a_folder_without_a_package_fails_though_errors_are_let_pass(tmp_path: Path) -> None:
    step = run(tmp_path, REAL, IDLIB_PATH="nothing", IDLIB_FAIL_ON_ERROR="false")
    assert step.code == 2
    assert "nothing: no datapackage.json there" in step.log
    assert step.annotations == [
        "::error title=idlib-data::the package could not be validated, see the log"
    ]
    assert step.outputs == {}


def test_a_word_that_is_neither_true_nor_false_is_refused(tmp_path: Path) -> None:
    step = run(tmp_path, FAKE, IDLIB_FAIL_ON_ERROR="no")
    assert (step.code, step.calls) == (2, [])
    assert "fail-on-error is true or false" in step.log


@pytest.mark.parametrize(
    ("schema", "paths"), [("actions", [ACTION]), ("workflows", WORKFLOWS)], ids=["action", "flows"]
)
def test_the_files_follow_the_schemas_of_the_service(schema: str, paths: list[Path]) -> None:
    module = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*module, f"vendor.github-{schema}", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert paths
    assert done.returncode == 0, done.stdout + done.stderr


def steps_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of an action or of all jobs of a workflow."""
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]


def test_no_value_from_outside_is_part_of_a_script_of_the_action() -> None:
    scripts = [step["run"] for step in steps_of(yaml(ACTION)) if "run" in step]
    assert len(scripts) == 2
    assert [script for script in scripts if "${{" in script] == []


def test_the_action_gives_each_input_on_and_the_script_knows_what_it_gets() -> None:
    action = yaml(ACTION)
    steps = steps_of(action)
    used = set(re.findall(r"inputs\.([a-z-]+)", json.dumps(steps)))
    assert used == set(action["inputs"])
    (validate,) = [step for step in steps if step.get("id") == "validate"]
    script = SCRIPT.read_text("utf-8")
    assert [name for name in validate["env"] if f"${{{name}:" not in script] == []
    assert "$GITHUB_ACTION_PATH/scripts/action.sh" in validate["run"]


def test_the_action_has_the_outputs_of_the_script(sound: Step) -> None:
    told = {name: output["value"] for name, output in yaml(ACTION)["outputs"].items()}
    assert told == {name: f"${{{{ steps.validate.outputs.{name} }}}}" for name in sound.outputs}


def test_the_guide_tells_every_input_and_output_of_the_action() -> None:
    guide = (CHECKOUT / "docs" / "validating.md").read_text("utf-8")
    cells = [line.split("|")[1] for line in guide.splitlines() if line.startswith("| `")]
    told = {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    action = yaml(ACTION)
    assert told == set(action["inputs"]) | set(action["outputs"])


def test_the_report_is_kept_also_when_the_data_have_errors() -> None:
    (upload,) = [s for s in steps_of(yaml(ACTION)) if "upload-artifact" in s.get("uses", "")]
    assert upload["if"].startswith("always()")
    assert upload["with"]["path"] == "${{ steps.validate.outputs.reports }}/report.html"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_keeps_no_credentials(path: Path) -> None:
    workflow = yaml(path)
    assert workflow["permissions"] == {"contents": "read"}
    more = {n: job["permissions"] for n, job in workflow["jobs"].items() if "permissions" in job}
    assert more == MORE_PERMISSIONS.get(path.stem, {})
    checkouts = [s for s in steps_of(workflow) if s.get("uses", "").startswith("actions/checkout")]
    assert checkouts
    assert [c["with"]["persist-credentials"] for c in checkouts] == [False] * len(checkouts)


def test_this_repository_runs_its_own_action_on_itself() -> None:
    workflow = yaml(CHECKOUT / ".github" / "workflows" / "validate.yml")
    assert set(workflow["on"]) == {"push", "pull_request"}
    (own,) = [step for step in steps_of(workflow) if step.get("uses") == "./"]
    assert own["with"]["path"] == "."
    assert set(own["with"]) <= set(yaml(ACTION)["inputs"])


@pytest.mark.parametrize("command", ["validate", "fmt"])
def test_a_hook_runs_its_command_over_the_whole_package(command: str) -> None:
    hooks = {hook["id"]: hook for hook in yaml(HOOKS)}
    assert set(hooks) == {"idlib-data-validate", "idlib-data-fmt"}
    hook = hooks[f"idlib-data-{command}"]
    assert (hook["entry"], hook["args"]) == (f"idlib-data {command}", ["."])
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    assert hook["name"]
    assert hook["description"].endswith(".")
    # What it starts is there, and takes a folder.
    assert "[PATH]" in CliRunner().invoke(main, [command, "--help"]).output


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("data/patrols.csv", True),
        ("ours/data/patrols.csv", True),
        ("datapackage.json", True),
        ("schemas/patrols.json", True),
        ("README.md", False),
        ("my-datapackage.json", False),
        ("data/patrols.csv.orig", False),
    ],
)
def test_a_hook_runs_when_a_file_of_a_package_changes(path: str, concerned: bool) -> None:
    for hook in yaml(HOOKS):
        assert bool(re.search(hook["files"], path)) is concerned
