"""A column's description, and the types and the pandera schema derived from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from idlib_data.dataset import Dataset, open
from idlib_data.errors import NotFoundError
from idlib_data.schema import MAX_FAILURE_CASES, Field, ForeignKey, TableSchema

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTOR: dict[str, Any] = {
    "fields": [
        {"name": "thing_id", "type": "string", "constraints": {"required": True}},
        {"name": "kind", "type": "string", "constraints": {"enum": ["a", "bb"]}},
        {"name": "code", "type": "string", "constraints": {"pattern": "a|b"}},
        {"name": "word", "type": "string", "constraints": {"maxLength": 3}},
        {"name": "count", "type": "integer", "constraints": {"minimum": 1, "maximum": 9}},
        {"name": "degrees", "type": "number", "constraints": {"minimum": -90, "maximum": 90}},
        {"name": "day", "type": "date", "constraints": {"required": False}},
        {"name": "sure", "type": "boolean", "constraints": {"required": False}},
    ],
    "primaryKey": "thing_id",
}
SCHEMA = TableSchema.from_descriptor("things", DESCRIPTOR)
GOOD: dict[str, object] = {
    "thing_id": "t-1",
    "kind": "a",
    "code": "b",
    "word": "abc",
    "count": 1,
    "degrees": -90.0,
    "day": "2020-07-14",
    "sure": True,
}
EMPTY = dict.fromkeys(GOOD) | {"thing_id": "t-2"}


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    import pandas as pd

    dtypes = {field.name: field.pandas_dtype for field in SCHEMA.fields}
    return pd.DataFrame(list(rows)).astype(dtypes)


def faults(*rows: dict[str, object]) -> list[tuple[str, str, object]]:
    """Column, check and index of each fault that pandera finds."""
    from pandera.errors import SchemaErrors

    try:
        SCHEMA.pandera_schema().validate(frame(*rows), lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["column", "check", "index"]]
        return [(str(c), str(k), i) for c, k, i in cases.itertuples(index=False)]
    return []


def test_a_field_takes_over_all_that_its_descriptor_says() -> None:
    field = Field.from_descriptor(
        {
            "name": "injured_high",
            "type": "integer",
            "title": "Injured, high",
            "description": "Highest figure.",
            "example": 4,
            "unit": "person",
            "evidence": "required",
            "hxl": "#affected+injured",
            "lexical": "^[0-9]+$",
            "references": "any",
            "atLeast": ["injured_best", "injured_low"],
            "requires": "injured_best",
            "constraints": {
                "required": True,
                "enum": [1, 2],
                "pattern": "^x$",
                "minimum": 0,
                "maximum": 500,
                "maxLength": 3,
            },
            "something-new": "is left alone",
        }
    )
    assert field == Field(
        name="injured_high",
        type="integer",
        title="Injured, high",
        description="Highest figure.",
        example=4,
        unit="person",
        evidence="required",
        hxl="#affected+injured",
        lexical="^[0-9]+$",
        references="any",
        at_least=("injured_best", "injured_low"),
        requires=("injured_best",),
        required=True,
        enum=("1", "2"),
        pattern="^x$",
        minimum=0,
        maximum=500,
        max_length=3,
    )


def test_a_field_that_says_only_its_name_is_optional_text_without_evidence() -> None:
    assert Field.from_descriptor({"name": "x"}) == Field(name="x", type="string")
    assert Field.from_descriptor({"name": "x", "constraints": None}).required is False


@pytest.mark.parametrize(
    ("kind", "sql", "pandas", "arrow"),
    [
        ("string", "VARCHAR", "str", "string"),
        ("integer", "BIGINT", "Int64", "int64"),
        ("number", "DOUBLE", "float64", "double"),
        ("date", "DATE", "datetime64[us]", "date32[day]"),
        ("boolean", "BOOLEAN", "boolean", "bool"),
        ("geopoint", "VARCHAR", "str", "string"),
    ],
)
def test_a_type_has_one_counterpart_in_each_engine(
    kind: str, sql: str, pandas: str, arrow: str
) -> None:
    field = Field("x", kind)
    assert (field.sql_type, field.pandas_dtype, str(field.arrow_type())) == (sql, pandas, arrow)


def test_a_table_takes_over_keys_in_either_form_of_the_standard() -> None:
    schema = TableSchema.from_descriptor(
        "things",
        {
            "fields": [{"name": "thing_id"}, {"name": "owner"}, {"name": "parent"}, {"name": "n"}],
            "primaryKey": ["thing_id"],
            "foreignKeys": [
                {"fields": "owner", "reference": {"resource": "people", "fields": "person_id"}},
                # An empty or missing resource means the table itself, in version 1 and 2.
                {"fields": ["parent"], "reference": {"resource": "", "fields": ["thing_id"]}},
                {"fields": ["owner", "n"], "reference": {"resource": "o", "fields": ["a", "b"]}},
            ],
            "evidence": "required",
            "codeList": True,
        },
        title="Things",
        description="All of them.",
    )
    assert schema.foreign_keys == (
        ForeignKey(("owner",), "people", ("person_id",)),
        ForeignKey(("parent",), "things", ("thing_id",)),
        ForeignKey(("owner", "n"), "o", ("a", "b")),
    )
    assert (schema.key, schema.evidence, schema.code_list) == ("thing_id", "required", True)
    assert (schema.title, schema.description) == ("Things", "All of them.")
    assert schema.names == ("thing_id", "owner", "parent", "n")
    assert [schema.target(name) for name in schema.names] == [None, "people", "things", None]


def test_a_key_of_several_columns_or_none_is_no_single_key() -> None:
    assert TableSchema.from_descriptor("t", {"primaryKey": ["a", "b"]}).key is None
    assert TableSchema.from_descriptor("t", {}).key is None


def test_an_unknown_column_suggests_the_nearest() -> None:
    assert SCHEMA.field("degrees").type == "number"
    with pytest.raises(NotFoundError, match="no column of things 'degree'; did you mean degrees"):
        SCHEMA.field("degree")


@pytest.fixture(scope="module")
def shipped() -> Dataset:
    from pathlib import Path

    return open(Path(__file__).resolve().parents[1])


def test_every_shipped_table_passes_its_pandera_schema(shipped: Dataset) -> None:
    import pandas as pd

    for table, schema in shipped.schemas.items():
        loaded = shipped.load(table)
        # Pandera is told of code lists as plain text, so that it names the wrong code itself.
        texts = {
            name: "str"
            for name, dtype in loaded.dtypes.items()
            if isinstance(dtype, pd.CategoricalDtype)
        }
        passed = schema.pandera_schema().validate(loaded.astype(texts), lazy=True)
        assert len(passed) == shipped.arrow(table).num_rows
        assert list(passed.columns) == list(schema.names)


def test_a_full_row_and_an_empty_one_pass() -> None:
    assert faults(GOOD, EMPTY) == []


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("thing_id", None, "not_nullable"),
        ("kind", "b", "one of the codes"),
        ("kind", "bbb", "one of the codes"),
        # Without a group and both anchors the alternation 'a|b' would let these pass.
        ("code", "axx", "str_matches"),
        ("code", "xb", "str_matches"),
        ("code", "bx", "str_matches"),
        ("word", "abcd", "str_length"),
        ("count", 0, "greater_than_or_equal_to(1)"),
        ("count", 10, "less_than_or_equal_to(9)"),
        ("degrees", -90.5, "greater_than_or_equal_to(-90)"),
        ("degrees", 90.5, "less_than_or_equal_to(90)"),
    ],
)
def test_a_value_outside_its_constraint_is_found_at_its_row(
    column: str, value: object, check: str
) -> None:
    found = faults(EMPTY, GOOD | {column: value})
    assert [(name, index) for name, _, index in found] == [(column, 1)]
    assert found[0][1].startswith(check)


def test_a_key_that_comes_twice_is_found_in_both_rows() -> None:
    found = faults(GOOD, EMPTY, EMPTY)
    assert {(column, index) for column, _, index in found} == {("thing_id", 1), ("thing_id", 2)}


def test_a_missing_or_foreign_column_is_found() -> None:
    from pandera.errors import SchemaErrors

    for wrong in (frame(GOOD).drop(columns="day"), frame(GOOD).assign(extra=1)):
        with pytest.raises(SchemaErrors):
            SCHEMA.pandera_schema().validate(wrong, lazy=True)


def test_a_column_of_another_type_is_not_converted_but_found() -> None:
    from pandera.errors import SchemaErrors

    wrong = frame(GOOD).astype({"count": "float64"})
    with pytest.raises(SchemaErrors, match="count"):
        SCHEMA.pandera_schema().validate(wrong, lazy=True)


def test_the_failure_cases_of_a_check_are_capped() -> None:
    checks = [check for field in SCHEMA.fields for check in field.pandera_column().checks]
    assert len(checks) == 7
    assert {check.n_failure_cases for check in checks} == {MAX_FAILURE_CASES}
