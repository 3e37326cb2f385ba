"""Layer 1 says the same with the screen as frictionless does over the whole files.

Set IDLIB_DATA_FUZZ to a number to compare that many random packages instead of a few dozen.
"""

from __future__ import annotations

import os
import random
import re
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idlib_data.dataset import Dataset
from idlib_data.validation import judge, structure
from idlib_data.validation.report import Problem
from idlib_data.validation.workspace import Workspace
from tests.validation.differential import (
    FILE_DAMAGE,
    ODD,
    PATTERNS,
    TRAPS,
    Descriptor,
    Package,
    Record,
    Trap,
    both_ways,
    column,
    damage,
    random_package,
    schema,
)

SEEDS = int(os.environ.get("IDLIB_DATA_FUZZ", "16"))


def one_column(described: Descriptor, cells: tuple[str, ...]) -> Package:
    """A table with a key and one column to look at."""
    records = [["id", "c"], *([f"k{number}", cell] for number, cell in enumerate(cells))]
    return Package({"t": schema([column("id"), described], "id")}, {"t": records})


def linked() -> Package:
    """Two tables with every kind of key: ``posts`` points to ``actors``, both to themselves."""
    actors = schema(
        [column("id", required=True), column("code"), column("parent"), column("heir")],
        "id",
        [("parent", "", "id"), ("heir", "actors", "id"), ("heir", "", "code")],
    )
    posts = schema(
        [column("id", required=True), column("owner"), column("seller"), column("code")],
        "id",
        [("owner", "actors", "id"), ("seller", "actors", "id"), ("code", "actors", "code")],
    )
    return Package(
        {"actors": actors, "posts": posts},
        {
            "actors": [
                ["id", "code", "parent", "heir"],
                ["a", "A", "", ""],
                ["b", "b", "a", "b"],
                ["c", "", "c", ""],
            ],
            "posts": [["id", "owner", "seller", "code"], ["p", "a", "b", "A"], ["q", "c", "", "b"]],
        },
    )


def places(problems: list[Problem]) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(problem.rule, problem.table, problem.row, problem.field) for problem in problems]


def agreed(package: Package, root: Path, *, fell_back: bool = False) -> list[Problem]:
    """The problems of a package, after making sure that both ways give the same."""
    verdicts = both_ways(package.write(root))
    assert verdicts.screened == verdicts.whole
    assert verdicts.fell_back is fell_back
    return verdicts.screened


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_cells_on_which_readers_differ_are_judged_as_frictionless_judges_them(
    trap: Trap, tmp_path: Path
) -> None:
    problems = agreed(one_column(trap.column, trap.accepted + trap.rejected), tmp_path)

    first = 2 + len(trap.accepted)
    assert [(p.rule, p.table, p.row, p.field, p.value) for p in problems] == [
        (trap.rule, "t", row, "c", cell) for row, cell in enumerate(trap.rejected, first)
    ]


@pytest.mark.parametrize("kind", ["string", "integer", "number", "date", "boolean"])
def test_an_empty_cell_is_wrong_only_where_the_column_is_required(
    kind: str, tmp_path: Path
) -> None:
    duty = {"required": kind != "date"}

    problems = agreed(one_column(column("c", kind, **duty), ("", "")), tmp_path)

    expected = [("constraint-error", "t", row, "c") for row in (2, 3)] if duty["required"] else []
    assert places(problems) == expected


def test_sound_rows_are_not_handed_to_frictionless(tmp_path: Path) -> None:
    columns = [
        column("id", required=True, pattern="k[0-9]+"),
        column("kind", enum=["x", "y"]),
        column("day", "date"),
        column("count", "integer", minimum=0),
        column("height", "number", minimum=-90, maximum=90),
        column("open", "boolean"),
    ]
    records = [[f["name"] for f in columns]] + [
        [f"k{n}", "x", "2020-02-29", str(n), f"{n}.5", "true"] for n in range(20)
    ]
    records[7][2] = "2020-02-30"
    Package({"t": schema(columns, "id")}, {"t": records}).write(tmp_path)

    with patch.object(judge, "rows", wraps=judge.rows) as rows:
        problems = [*structure.check(Workspace(Dataset(tmp_path)))]

    assert [call.args[1:] for call in rows.call_args_list] == [("t", [8])]
    assert places(problems) == [("type-error", "t", 8, "day")]


def test_a_sound_package_is_not_handed_to_frictionless_at_all(tmp_path: Path) -> None:
    linked().write(tmp_path)

    with patch.object(judge, "_validate", wraps=judge._validate) as asked:
        problems = [*structure.check(Workspace(Dataset(tmp_path)))]

    assert problems == []
    assert not asked.called


def test_each_repeat_of_a_key_names_the_row_before_it_in_the_whole_file(tmp_path: Path) -> None:
    cells: list[Record] = [["id", "c"], *([f"k{n}", ""] for n in range(40))]
    for row in (4, 17, 33):
        cells[row - 1][0] = "twice"
    cells[20][0] = ""
    cells[21] = []
    cells[30] = ["twice"]
    package = one_column(column("c"), ())
    package.records["t"] = cells

    problems = agreed(package, tmp_path)

    assert [(p.rule, p.row, p.value, p.message) for p in problems if p.rule == "primary-key"] == [
        ("primary-key", 17, "twice", "the same as in the row at position 4"),
        ("primary-key", 21, None, 'cells composing the primary keys are all "None"'),
        ("primary-key", 22, None, 'cells composing the primary keys are all "None"'),
        ("primary-key", 31, "twice", "the same as in the row at position 17"),
        ("primary-key", 33, "twice", "the same as in the row at position 31"),
    ]


def test_keys_that_differ_only_in_their_characters_are_different_keys(tmp_path: Path) -> None:
    package = one_column(column("c"), ("", "", "", "", "", ""))
    for row, key in enumerate(("1", "01", "1 ", "cafe\u0301", "café", "1\n"), 1):
        package.records["t"][row][0] = key

    assert agreed(package, tmp_path) == []


def test_a_sound_set_of_references_has_no_problem_but_those_to_another_column(
    tmp_path: Path,
) -> None:
    assert agreed(linked(), tmp_path) == []


def test_each_reference_is_looked_up_in_the_column_that_it_names(tmp_path: Path) -> None:
    package = linked()
    package.records["actors"] += [["d", "", "x", "A"], ["e", "", "", "x"], ["x y", "", "a ", ""]]
    package.records["posts"] += [["r", "b", "A", "a"], ["s", "x", "c", ""], ["t", "a", "y", "x"]]

    problems = agreed(package, tmp_path)

    note = 'for "{}": values "{}" not found in the lookup table "{}" as "{}"'.format
    assert [(p.table, p.row, p.field, p.value, p.message) for p in problems] == [
        ("actors", 5, "parent", "x", note("parent", "x", "", "id")),
        ("actors", 5, "heir", "A", note("heir", "A", "actors", "id")),
        ("actors", 6, "heir", "x", note("heir", "x", "actors", "id")),
        ("actors", 6, "heir", "x", note("heir", "x", "", "code")),
        ("actors", 7, "parent", "a ", note("parent", "a ", "", "id")),
        ("posts", 4, "seller", "A", note("seller", "A", "actors", "id")),
        ("posts", 4, "code", "a", note("code", "a", "actors", "code")),
        ("posts", 5, "owner", "x", note("owner", "x", "actors", "id")),
        ("posts", 6, "seller", "y", note("seller", "y", "actors", "id")),
        ("posts", 6, "code", "x", note("code", "x", "actors", "code")),
    ]
    assert {p.rule for p in problems} == {"foreign-key"}


def test_nothing_is_found_in_a_table_without_records(tmp_path: Path) -> None:
    package = linked()
    del package.records["actors"][1:]

    problems = agreed(package, tmp_path)

    assert places(problems) == [
        ("foreign-key", "posts", row, field)
        for row, field in ((2, "owner"), (2, "seller"), (2, "code"), (3, "owner"), (3, "code"))
    ]


def test_a_table_may_be_called_as_any_name_that_the_judge_makes_up(tmp_path: Path) -> None:
    package = linked()
    for name in ("actors-keys", "keys"):
        package.schemas[name] = package.schemas["posts"]
        package.records[name] = [package.records["posts"][0], ["p", "nobody", "", ""]]
    package.records["actors"].append(["d", "", "nobody", ""])

    problems = agreed(package, tmp_path)

    assert places(problems) == [
        ("foreign-key", "actors", 5, "parent"),
        ("foreign-key", "actors-keys", 2, "owner"),
        ("foreign-key", "keys", 2, "owner"),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "the same as in the row at position 3",
        "the same as in the row at position 999",
        '"keys+" as "id"',
        'not found in the lookup table "keys+actors"',
        "two\r\nlines",
        "a\rb",
        "\r",
        "\x00",
        '","',
        "%s {0}",
    ],
)
def test_a_wrong_key_is_quoted_as_it_is_written(cell: str, tmp_path: Path) -> None:
    package = linked()
    package.records["actors"] += [["d", "", cell, ""], ["d", "", "", ""]]
    package.records["posts"].append(["r", cell, "", ""])

    problems = agreed(package, tmp_path)

    assert [(p.rule, p.table, p.row, p.value) for p in problems] == [
        ("foreign-key", "actors", 5, cell),
        ("primary-key", "actors", 6, "d"),
        ("foreign-key", "posts", 4, cell),
    ]


def test_ragged_and_blank_rows_are_reported_at_their_record(tmp_path: Path) -> None:
    package = one_column(column("c", "integer"), ("1",) * 9)
    rows = package.records["t"]
    rows[2:2] = [["x"], [], ["y", "2", "3", ""], ["", ""], ["", "", "z"], ["", "", "", ""], [""]]

    problems = agreed(package, tmp_path)

    assert places([p for p in problems if p.rule != "primary-key"]) == [
        ("missing-cell", "t", 3, "c"),
        ("blank-row", "t", 4, None),
        ("extra-cell", "t", 5, None),
        ("extra-cell", "t", 5, None),
        ("blank-row", "t", 6, None),
        ("blank-row", "t", 7, None),
        ("blank-row", "t", 8, None),
        ("blank-row", "t", 9, None),
    ]
    assert [p.row for p in problems if p.rule == "primary-key"] == [4, 6, 7, 8, 9]


WHOLE = {
    "missing file": {"file-error"},
    "empty file": {"file-error"},
    "one empty line": {"file-error"},
    "byte order mark": set[str](),
    "bytes that are no UTF-8": {"file-error"},
    "bytes that are no UTF-8 in a full row": {"file-error"},
    "a surrogate": {"file-error"},
    "a surrogate in a full row": {"file-error"},
    "unclosed quote": {"missing-cell"},
    "duplicate label": {"duplicate-label", "incorrect-label"},
    "unknown label": {"incorrect-label"},
    "empty label": {"blank-label"},
    "padded label": set[str](),
    "extra label": {"extra-label", "incorrect-label", "missing-cell"},
    "missing label": {"missing-label", "incorrect-label", "extra-cell"},
    "reversed labels": {"incorrect-label"},
    "leading blank line": set[str](),
}
"""Damage that only frictionless can judge, and the rules that the file then breaks."""
SCREENED = {
    "header only": set[str](),
    "header without end": set[str](),
    "carriage returns and newlines": set[str](),
    "carriage returns": set[str](),
    "no final newline": set[str](),
    "blank lines at the end": {"blank-row", "primary-key"},
    "comma rows at the end": {"blank-row", "primary-key"},
    "NUL": {"missing-cell"},
    "stray quotes": {"missing-cell", "constraint-error", "primary-key"},
}
"""Damage that leaves the split into cells certain."""


def test_each_damage_to_a_file_is_expected_somewhere() -> None:
    assert WHOLE.keys() | SCREENED.keys() == FILE_DAMAGE.keys()


@pytest.mark.parametrize("name", FILE_DAMAGE)
def test_a_damaged_file_is_judged_as_frictionless_judges_it(name: str, tmp_path: Path) -> None:
    records = [["c0", "id", "c1"], *([str(n), f"k{n}", "text"] for n in range(150))]
    columns = [column("c0"), column("id", required=True), column("c1")]
    package = Package({"t": schema(columns, "id")}, {"t": records}, damage={"t": FILE_DAMAGE[name]})

    problems = agreed(package, tmp_path, fell_back=name in WHOLE)

    assert {p.rule for p in problems} == (WHOLE | SCREENED)[name]
    assert {p.table for p in problems} <= {"t"}


def damaged(seed: int) -> Package:
    rng = random.Random(seed)
    package = random_package(rng, rows=rng.choice([40, 80, 200]))
    damage(rng, package, rate=rng.choice([0.05, 0.3, 0.6]))
    return package


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_damage_is_judged_as_frictionless_judges_it(seed: int, tmp_path: Path) -> None:
    agreed(damaged(seed), tmp_path)


def test_random_damage_breaks_every_rule_on_rows(tmp_path: Path) -> None:
    broken = set()
    for seed in range(6):
        root = damaged(seed).write(tmp_path / str(seed))
        broken |= {problem.rule for problem in structure.check(Workspace(Dataset(root)))}

    rows = {rule for rule in structure.BY_ID if not rule.endswith("-label")}
    assert broken == rows - {"package-error", "file-error"}


@pytest.mark.parametrize("seed", range(SEEDS // 6))
def test_random_damage_to_files_is_judged_as_frictionless_judges_it(
    seed: int, tmp_path: Path
) -> None:
    rng = random.Random(f"files {seed}")
    package = random_package(rng)
    damage(rng, package, rate=0.2)
    package.damage = {
        table: rng.choice([*FILE_DAMAGE.values()])
        for table in rng.sample([*package.records], rng.randint(1, 2))
    }

    verdicts = both_ways(package.write(tmp_path))

    assert verdicts.screened == verdicts.whole


CELL = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.from_regex(r"\A[+-]?[0-9_.eE ]{1,20}\Z"),
    st.dates().map(str),
)


@settings(derandomize=True, deadline=None, max_examples=max(12, SEEDS // 4))
@given(st.lists(CELL, min_size=20, max_size=60), st.sampled_from([*PATTERNS]))
def test_any_text_in_any_type_is_judged_as_frictionless_judges_it(
    cells: list[str], pattern: str
) -> None:
    columns = [
        column("id", required=True),
        column("day", "date"),
        column("count", "integer", maximum=38),
        column("height", "number", minimum=0, maximum=38),
        column("open", "boolean", required=True),
        column("text", pattern=pattern, maxLength=6),
    ]
    records = [[f["name"] for f in columns]]
    records += [[f"k{number}", *[cell] * 5] for number, cell in enumerate(cells)]
    with tempfile.TemporaryDirectory() as folder:
        agreed(Package({"t": schema(columns, "id")}, {"t": records}), Path(folder))


def test_a_cell_that_frictionless_itself_fails_on_is_said_in_both_ways(tmp_path: Path) -> None:
    # Comparing Decimal("sNaN") raises, which frictionless does not catch: all it knows would be
    # lost. The cell is no number that any other reader knows, so it is told as one of a wrong type.
    package = linked()
    package.schemas["t"] = one_column(column("c", "number", minimum=0), ()).schemas["t"]
    package.records["t"] = [["id", "c"], ["k", "sNaN"], ["l", "x"], ["m", "1"], ["n", " -snan7 "]]
    package.records["posts"].append(["r", "nobody", "", ""])

    assert places(agreed(package, tmp_path)) == [
        ("foreign-key", "posts", 4, "owner"),
        ("type-error", "t", 2, "c"),
        ("type-error", "t", 3, "c"),
        ("type-error", "t", 5, "c"),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_suspect_rows_are_judged_in_parts_as_they_are_at_once(tmp_path: Path, size: int) -> None:
    package = linked()
    package.records["posts"] += [
        ["q", "x", "", ""],
        ["p", "a", "", "no"],
        ["", "a", "", ""],
        ["q", "", "nobody", ""],
        ["r", "a"],
        ["q", "a", "b", "A", "more"],
    ]
    with patch.object(judge, "MANY_ROWS", size):
        problems = agreed(package, tmp_path)

    repeated = {p.row: p.message for p in problems if p.rule == "primary-key" and p.value}
    assert {row: int(re.findall(r"position (\d+)", text)[0]) for row, text in repeated.items()} == {
        4: 3,
        5: 2,
        7: 4,
        9: 7,
    }
