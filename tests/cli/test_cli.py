"""The command line: help, formats, exit codes, and how errors reach the terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idlib_data.cli import COMMANDS, main
from idlib_data.dataset import open

ROOT = Path(__file__).resolve().parents[2]
JULY = "pat-m4-2020-07-14"
HEAVY = ("pandas", "pyarrow", "frictionless", "pandera", "duckdb", "rich")
CALLS = {
    "info": ["info"],
    "show": ["show", "patrols"],
    "record": ["record", JULY],
    "evidence": ["evidence", JULY, "sequence"],
    "disputes": ["disputes", "--table", "patrols"],
    "independence": ["independence", JULY],
    "perspective": ["perspective", "act-tr-mod", "--table", "patrols"],
    "query": ["query", "select patrol_id, date, sequence from patrols order by 1"],
    "validate": ["validate"],
    "fmt": ["fmt", "--check"],
    "rules": ["rules"],
    "cite": ["cite"],
    "diff": ["diff", str(ROOT), str(ROOT)],
    "release": ["release", "list", "--cached"],
}
"""One call of every command that succeeds."""

FORMATTED = tuple(
    name for name in COMMANDS if name not in ("fmt", "validate", "cite", "diff", "release")
)
"""The commands that print records, and not a report or what they did."""

each_command = pytest.mark.parametrize("command", COMMANDS)


def run(*arguments: str, package: Path = ROOT) -> Result:
    result = CliRunner(env={"IDLIB_DATA_PACKAGE": str(package)}).invoke(main, list(arguments))
    # Anything but an exit is a traceback on a user's screen.
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def good(*arguments: str) -> str:
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(*arguments: str, package: Path = ROOT) -> str:
    """The message of a call that ends with exit code 2 and prints nothing else."""
    result = run(*arguments, package=package)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr
    return result.stderr


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"IDLIB_DATA_PACKAGE": str(ROOT), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The shipped package with one date that does not exist."""
    package = tmp_path / "broken"
    package.mkdir()
    shutil.copy(ROOT / "datapackage.json", package)
    for folder in ("data", "schemas"):
        shutil.copytree(ROOT / folder, package / folder)
    file = package / "data" / "patrols.csv"
    text = file.read_text("utf-8")
    assert text.count(f"{JULY},m4-joint,21,2020-07-14") == 1
    changed = text.replace(f"{JULY},m4-joint,21,2020-07-14", f"{JULY},m4-joint,21,2020-02-30")
    file.write_text(changed, "utf-8")
    return package


def test_the_calls_below_cover_every_command() -> None:
    assert set(CALLS) == set(COMMANDS)


@each_command
def test_every_command_has_help_with_an_example(command: str) -> None:
    page = good(command, "--help")
    _, _, example = page.partition("Example")
    assert f"\n    idlib-data {command}" in example
    assert page == good(command, "-h")
    summary = page.split("\n\n")[1].strip()
    assert summary.endswith(".")


def test_the_front_page_lists_the_commands_and_exit_codes() -> None:
    page = good("--help")
    listed = [line.split()[0] for line in page.partition("Commands:")[2].splitlines() if line]
    assert tuple(listed) == COMMANDS
    assert "idlib-data show patrols --where outcome=attacked" in page
    assert "Exit codes: 0 fine, 1 the data has problems, 2 the call" in page


@each_command
def test_every_option_has_help(command: str) -> None:
    found = main.get_command(None, command)  # type: ignore[arg-type]  # no context is needed
    assert found is not None
    assert [p.name for p in found.params if p.param_type_name == "option" and not p.help] == []


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)]
)
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import sys; from idlib_data.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        f"print(code, [name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = python(code, *arguments)
    assert done.stdout.strip()
    assert done.stderr == "0 []\n"


def test_importing_the_package_loads_neither_a_heavy_library_nor_click() -> None:
    done = python(
        "import sys, idlib_data, idlib_data.errors; dir(idlib_data)\n"
        f"print([name for name in {(*HEAVY, 'click')} if name in sys.modules])"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_the_version_is_that_of_the_data() -> None:
    assert good("--version") == f"idlib-data {open(ROOT).version}\n"


def test_info_says_which_data_are_in_use() -> None:
    told = json.loads(good("info", "--format", "json"))
    dataset = open(ROOT)
    assert (told["name"], told["version"]) == (dataset.name, dataset.version)
    assert (told["found"], told["root"]) == ("environment", str(ROOT))
    assert told["licence"] == "CC-BY-4.0"
    assert told["tables"] == {table: dataset.arrow(table).num_rows for table in dataset.tables}
    pairs = {row["what"]: row["value"] for row in records(good("info"))}
    assert pairs["version"] == dataset.version
    assert pairs["patrols (records)"] == str(told["tables"]["patrols"])


def test_show_prints_a_table_as_its_file_writes_it() -> None:
    assert good("show", "claims") == (ROOT / "data" / "claims.csv").read_text("utf-8")
    assert good("show", "locations") == (ROOT / "data" / "locations.csv").read_text("utf-8")


def test_show_filters_and_chooses_columns() -> None:
    options = ["--since", "2020-07-14", "--until", "2020-07-14", "--where", "series=m4-joint"]
    text = good("show", "patrols", *options, "--columns", "sequence, patrol_id")
    assert text == f"sequence,patrol_id\n21,{JULY}\n"
    text = good("show", "patrols", *options, "--where", "outcome=completed")
    assert records(text) == []
    text = good("show", "events", "--actor", "act-russia", "--where", f"patrol_id={JULY}")
    assert {row["patrol_id"] for row in records(text)} == {JULY}
    assert "evt-2020-07-14-attack-ariha" in {row["event_id"] for row in records(text)}


@pytest.mark.parametrize("condition", ["sequence=21", "date=2020-07-14", f"patrol_id={JULY}"])
def test_show_compares_a_column_of_any_type(condition: str) -> None:
    column, _, value = condition.partition("=")
    found = records(good("show", "patrols", "--where", condition))
    every = records(good("show", "patrols"))
    assert found == [row for row in every if row[column] == value]
    assert found


def test_record_shows_cells_claims_and_links() -> None:
    told = json.loads(good("record", JULY, "--format", "json"))
    assert (told["table"], told["record_id"]) == ("patrols", JULY)
    assert told["fields"]["sequence"] == 21
    assert {row["patrol_id"] for row in told["links"]["events"]} == {JULY}
    page = good("record", JULY, "--format", "table")
    assert f"patrols: {JULY}" in page
    assert "act-tr-mod" in page
    assert {row["record_id"] for row in records(good("record", JULY))} == {JULY}


def test_evidence_shows_who_says_what() -> None:
    claims = records(good("evidence", JULY, "sequence"))
    assert {row["value"] for row in claims if row["status"] == "accepted"} == {"21"}
    assert {row["field"] for row in claims} == {"sequence"}
    told = json.loads(good("evidence", JULY, "sequence", "--format", "json"))
    assert [row["claim_id"] for row in told] == [row["claim_id"] for row in claims]
    page = good("evidence", JULY, "sequence", "--format", "table")
    assert "origin" in page
    assert "accepted" in page


def test_evidence_checks_passages_against_an_archive(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("A text of no source.", "utf-8")
    result = run("evidence", "--archive", str(tmp_path), "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    hashed = open(ROOT).load("claims")["passage_sha256"].notna().sum()
    assert (told["valid"], told["tables"]) == (False, {"claims": hashed})
    assert {problem["rule"] for problem in told["problems"]} == {"archive-text"}
    assert len(told["problems"]) == hashed
    first = told["problems"][0]
    rows = records((ROOT / "data" / "claims.csv").read_text("utf-8"))
    assert first["record_id"] == rows[first["row"] - 2]["claim_id"]
    assert (first["table"], first["field"]) == ("claims", "source_id")


def test_a_query_is_answered_in_every_format(tmp_path: Path) -> None:
    sql = f"select date, sequence, null as nothing from patrols where patrol_id = '{JULY}'"
    assert good("query", sql) == "date,sequence,nothing\n2020-07-14,21,\n"
    told = json.loads(good("query", sql, "--format", "json"))
    assert told == [{"date": "2020-07-14", "sequence": 21, "nothing": None}]
    page = good("query", sql, "--format", "table")
    assert "2020-07-14" in page
    assert "1 row" in page
    file = tmp_path / "question.sql"
    file.write_text(sql, "utf-8")
    assert good("query", "--file", str(file)) == good("query", sql)


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_query_with_two_columns_of_one_name_is_answered(form: str) -> None:
    # What "select *" over a join gives whenever both tables have, say, a note.
    assert "7" in good("query", "select 7 as a, 8 as a", "--format", form)


def test_json_keeps_lists_numbers_and_moments_apart() -> None:
    sql = "select [1, 2] as l, sum(n) as s, timestamp '2020-03-06 00:01:00' as t from range(3) r(n)"
    (told,) = json.loads(good("query", sql, "--format", "json"))
    assert told["l"] == [1, 2]
    assert told["s"] == 3
    # The ceasefire took effect at a minute; a printed answer must not lose it.
    assert told["t"].startswith("2020-03-06")
    assert "00:01" in told["t"]
    assert "00:01" in good("query", sql)


def test_validate_of_sound_data_says_so_with_exit_code_0() -> None:
    result = run("validate", str(ROOT))
    assert result.exit_code == 0
    assert "valid" in result.stdout.replace("not valid", "")
    told = json.loads(good("validate", "--format", "json"))
    assert told["valid"] is True
    assert set(told["tables"]) == set(open(ROOT).tables)


def test_validate_of_faulty_data_names_the_place_with_exit_code_1(broken: Path) -> None:
    result = run("validate", str(broken), "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    told = json.loads(result.stdout)
    assert told["valid"] is False
    row = next(
        number
        for number, record in enumerate(
            records((broken / "data" / "patrols.csv").read_text("utf-8")), start=2
        )
        if record["patrol_id"] == JULY
    )
    problem = next(p for p in told["problems"] if p["rule"] == "type-error")
    assert (problem["table"], problem["path"]) == ("patrols", "data/patrols.csv")
    assert (problem["row"], problem["field"]) == (row, "date")
    assert (problem["record_id"], problem["value"]) == (JULY, "2020-02-30")

    page = run("validate", "--package", str(broken))
    assert page.exit_code == 1
    assert "type-error" in page.stdout
    assert f"data/patrols.csv:{problem['line']}" in page.stdout
    table = run("validate", str(broken), "--format", "csv")
    assert table.exit_code == 1
    lines = records(table.stdout)
    assert len(lines) == len(told["problems"])
    assert ("type-error", str(row)) in [(line["rule"], line["row"]) for line in lines]


@pytest.mark.parametrize("command", FORMATTED)
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_command_that_prints_records_knows_the_three_formats(command: str, form: str) -> None:
    text = good(*CALLS[command], "--format", form)
    if form == "json":
        json.loads(text)
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert len({len(row) for row in rows}) == 1
        assert len(rows[0]) > 1
    else:
        assert text.strip()


def test_fmt_names_the_files_that_it_changes(broken: Path) -> None:
    fine = run("fmt", str(ROOT), "--check")
    assert (fine.exit_code, fine.stdout) == (0, "")
    file = broken / "data" / "actors.csv"
    before = file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + before.replace(b"\n", b"\r\n"))
    wanting = run("fmt", str(broken), "--check")
    assert (wanting.exit_code, wanting.stdout) == (1, "data/actors.csv\n")
    assert file.read_bytes() != before
    done = run("fmt", str(broken))
    assert (done.exit_code, done.stdout) == (0, "data/actors.csv\n")
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", FORMATTED)
def test_in_a_pipe_the_format_is_csv(command: str) -> None:
    assert good(*CALLS[command]) == good(*CALLS[command], "--format", "csv")


def test_the_help_of_validate_states_its_own_default_format() -> None:
    assert good("validate") == good("validate", "--format", "text")
    page = " ".join(good("validate", "--help").split())
    assert "CSV in a pipe" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "patrol"], "there is no table 'patrol'; did you mean patrols"),
        (["show", "patrols", "--where", "outcome"], "'outcome' is not COLUMN=VALUE"),
        (["show", "patrols", "--where", "outcom=attacked"], "did you mean outcome"),
        (["show", "patrols", "--where", "outcome=atacked"], "did you mean attacked?"),
        (["show", "patrols", "--where", "sequence=many"], "many"),
        (["show", "patrols", "--columns", "dat"], "did you mean date?"),
        (["show", "patrols", "--since", "soon"], "'soon' is not a day"),
        (["show", "patrols", "--actor", "act-rusia"], "did you mean act-russia"),
        (["show"], "Missing argument 'TABLE'"),
        (["shows", "patrols"], "No such command 'shows'"),
        (["info", "--format", "xml"], "'xml' is not one of"),
        (["info", "--package", "no-such-folder"], "no-such-folder: no datapackage.json there"),
        (["record", "pat-m4-2020-07-41"], f"did you mean {JULY}"),
        (["evidence", JULY, "sequences"], "did you mean sequence?"),
        (["evidence"], "give either RECORD_ID or --archive DIR"),
        (["evidence", JULY, "--archive", "."], "give either RECORD_ID or --archive DIR"),
        (["evidence", "--archive", "no-such-folder"], "is no folder of texts"),
        (["disputes", "--table", "patrol"], "there is no table 'patrol'; did you mean patrols"),
        (["disputes", "--record", "pat-m4-2020-07-41"], f"did you mean {JULY}"),
        (["independence", "pat-m4-2020-07-41"], f"did you mean {JULY}"),
        (["independence", JULY, "sequences"], "did you mean sequence?"),
        (["independence", "--table", "patrol"], "there is no table 'patrol'"),
        (["perspective"], "Missing argument 'ACTOR'"),
        (["perspective", "act-rusia"], "there is no actor 'act-rusia'; did you mean act-russia"),
        (["perspective", "act-russia", "--table", "patrol"], "there is no table 'patrol'"),
        (["query"], "give either the query or --file FILE"),
        (["query", "delete from patrols"], "only SELECT is allowed, not DELETE"),
        (["query", "select * from range(9)", "--max-rows", "8"], "more than 8 rows"),
        (["query", "select 1", "--max-rows", "0"], "--max-rows"),
        (["query", "--file", "no-such-file.sql"], "no-such-file.sql"),
        (["validate", "no-such-folder"], "no-such-folder: no datapackage.json there"),
        (["validate", ".", "--package", "."], "give the folder once"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_ends_with_2_and_a_sentence_on_stderr(arguments: list[str], said: str) -> None:
    message = refused(*arguments)
    assert said in message
    assert "Traceback" not in message


def test_data_that_do_not_fit_are_an_error_in_words_for_every_reader(broken: Path) -> None:
    for command in ("show", "record", "evidence", "query", "info"):
        message = refused(*CALLS[command], package=broken)
        assert message.startswith(f"Error: {broken / 'data' / 'patrols.csv'}: does not fit")
        assert "table patrols" in message


# The rest is about real pipes and exit codes, so it needs real processes.


def pipe(*arguments: str, take: int) -> tuple[int, str]:
    """Exit code and stderr of a call whose reader goes away after some bytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "idlib_data", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"IDLIB_DATA_PACKAGE": str(ROOT), "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        taken = process.stdout.read(take)
        process.stdout.close()
        said = process.stderr.read().decode("utf-8")
    assert len(taken) == take
    return process.returncode, said


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_a_reader_that_goes_away_ends_the_program_quietly(form: str) -> None:
    # The ledger is far longer than a pipe holds, so the writer does meet the closed end.
    assert pipe("show", "claims", "--format", form, take=1) == (0, "")


def test_the_module_runs_as_a_program_with_the_same_exit_codes(broken: Path) -> None:
    code = (
        "import runpy, sys; sys.argv[0] = 'x'; runpy.run_module('idlib_data', run_name='__main__')"
    )
    fine = python(code, "show", "patrols", "--columns", "patrol_id")
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout.startswith("patrol_id\n")
    faulty = python(code, "validate", str(broken))
    assert (faulty.returncode, faulty.stderr) == (1, "")
    wrong = python(code, "show", "patrol")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert (
        wrong.stderr
        == "Error: there is no table 'patrol'; did you mean patrols or patrol_actors?\n"
    )


def test_letters_of_every_script_pass_through_a_pipe() -> None:
    code = "from idlib_data.cli import main; main()"
    done = python(code, "show", "locations", "--columns", "name_ar", "--format", "csv")
    expected = (ROOT / "data" / "locations.csv").read_text("utf-8")
    assert {row["name_ar"] for row in records(done.stdout)} == {
        row["name_ar"] for row in records(expected)
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_is_told_without_a_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "idlib_data", "show", "claims"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=os.environ | {"IDLIB_DATA_PACKAGE": str(ROOT), "PYTHONPATH": str(ROOT)},
            check=False,
        )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
