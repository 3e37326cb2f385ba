"""One column's description, and the types derived from it.

Everything that the package knows about a column comes from its Table Schema; this module turns that
description into Arrow, pandas, SQL and pandera terms. It reads no data.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

from idlib_data.patterns import fits

if TYPE_CHECKING:
    import pandera.pandas as pa_pandas
    import pyarrow as pa

Evidence = Literal["required", "optional", "none"]
EVIDENCE = get_args(Evidence)

SQL_TYPES = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN"}
"""Table Schema type -> DuckDB type; every other type is text."""

PANDAS_DTYPES = {
    "integer": "Int64",
    "number": "float64",
    "date": "datetime64[us]",
    "boolean": "boolean",
}
"""Table Schema type -> pandas dtype; every other type is ``str``, a code list is a category."""


@dataclass(frozen=True)
class Field:
    """A column of a table, as its Table Schema describes it.

    ``lexical`` is the pattern of the one written form a value may have (the dates and numbers that
    the standard lets through in several forms); ``references`` marks the polymorphic columns of the
    ledger, which no foreign key can express. ``at_least`` names columns of the row that this one
    may not be below (or before), ``requires`` those that must be filled when it is.
    """

    name: str
    type: str
    title: str = ""
    description: str = ""
    example: object = None
    unit: str | None = None
    evidence: Evidence = "none"
    hxl: str | None = None
    lexical: str | None = None
    references: str | None = None
    at_least: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    required: bool = False
    enum: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None

    @classmethod
    def from_descriptor(cls, descriptor: Mapping[str, Any]) -> Field:
        """Read a field of a Table Schema; unknown properties are left alone."""
        given = descriptor.get("constraints")
        constraints = given if isinstance(given, Mapping) else {}
        return cls(
            name=str(descriptor["name"]),
            type=str(descriptor.get("type", "string")),
            title=str(descriptor.get("title", "")),
            description=str(descriptor.get("description", "")),
            example=descriptor.get("example"),
            unit=descriptor.get("unit"),
            evidence=descriptor.get("evidence", "none"),
            hxl=descriptor.get("hxl"),
            lexical=descriptor.get("lexical"),
            references=descriptor.get("references"),
            at_least=_names(descriptor.get("atLeast", ())),
            requires=_names(descriptor.get("requires", ())),
            required=bool(constraints.get("required", False)),
            enum=tuple(str(code) for code in constraints.get("enum", ())),
            pattern=constraints.get("pattern"),
            minimum=_number(constraints.get("minimum")),
            maximum=_number(constraints.get("maximum")),
            max_length=constraints.get("maxLength"),
        )

    def accepts(self, text: str) -> bool:
        """Whether a filled cell of the column may hold this text, its foreign keys aside."""
        if self.type == "boolean":
            return text in ("true", "false")
        if not all(fits(text, pattern) for pattern in (self.lexical, self.pattern) if pattern):
            return False
        if self.enum and text not in self.enum:
            return False
        if self.max_length is not None and len(text) > self.max_length:
            return False
        return self._parses(text)

    def _parses(self, text: str) -> bool:
        try:
            if self.type == "date":
                return len(text) == len("2020-03-05") and bool(date.fromisoformat(text))
            if self.type in ("integer", "number"):
                value = int(text) if self.type == "integer" else float(text)
                low = -math.inf if self.minimum is None else self.minimum
                high = math.inf if self.maximum is None else self.maximum
                return low <= value <= high
        except ValueError:
            return False
        return True

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column."""
        return SQL_TYPES.get(self.type, "VARCHAR")

    @property
    def pandas_dtype(self) -> str:
        """The pandas dtype of the column, categories aside."""
        return PANDAS_DTYPES.get(self.type, "str")

    def arrow_type(self) -> pa.DataType:
        """The Arrow type of the column, code lists as plain text."""
        import pyarrow as pa

        types = {
            "integer": pa.int64(),
            "number": pa.float64(),
            "date": pa.date32(),
            "boolean": pa.bool_(),
        }
        return types.get(self.type, pa.string())

    def pandera_column(self) -> pa_pandas.Column:
        """The column's pandera description: dtype, duty to be filled, and constraints."""
        from pandera.pandas import Check, Column

        checks = []
        if self.enum and self.type == "string":
            checks.append(Check.isin(self.enum, name="enum", error="one of the codes"))
        if self.pattern and self.type == "string":
            checks.append(Check.str_matches(f"^(?:{self.pattern})$", name="pattern"))
        if self.max_length is not None:
            checks.append(Check.str_length(max_value=self.max_length, name="maxLength"))
        if self.minimum is not None:
            checks.append(Check.ge(self.minimum, name="minimum"))
        if self.maximum is not None:
            checks.append(Check.le(self.maximum, name="maximum"))
        for check in checks:
            check.n_failure_cases = MAX_FAILURE_CASES
        return Column(self.pandas_dtype, checks, nullable=not self.required, name=self.name)


MAX_FAILURE_CASES = 10_000
"""Cap on the failure cases that pandera collects per check, so that memory stays bounded."""


@dataclass(frozen=True)
class ForeignKey:
    """A column (or columns) whose values are keys of a table."""

    fields: tuple[str, ...]
    table: str
    target_fields: tuple[str, ...]


@dataclass(frozen=True)
class TableSchema:
    """A table, as its Table Schema describes it.

    ``evidence`` says whether each record of the table needs a claim that it exists; ``code_list``
    marks a table whose key is a code, so that columns pointing to it load as categories;
    ``acyclic`` one whose rows tie two records of another so that no way leads back to its start.
    """

    name: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    evidence: Evidence = "none"
    code_list: bool = False
    acyclic: bool = False
    title: str = ""
    description: str = ""

    @classmethod
    def from_descriptor(
        cls, name: str, descriptor: Mapping[str, Any], *, title: str = "", description: str = ""
    ) -> TableSchema:
        """Read a Table Schema (version 1 or 2) under the name of its resource."""
        keys = []
        for key in descriptor.get("foreignKeys", ()):
            reference = key["reference"]
            keys.append(
                ForeignKey(
                    _names(key["fields"]),
                    reference.get("resource") or name,
                    _names(reference["fields"]),
                )
            )
        fields = tuple(Field.from_descriptor(field) for field in descriptor.get("fields", ()))
        _check_names(fields)
        if descriptor.get("evidence", "none") not in EVIDENCE:
            raise ValueError(f"evidence is one of {', '.join(EVIDENCE)}")
        return cls(
            name=name,
            fields=fields,
            primary_key=_names(descriptor.get("primaryKey", ())),
            foreign_keys=tuple(keys),
            evidence=descriptor.get("evidence", "none"),
            code_list=bool(descriptor.get("codeList", False)),
            acyclic=bool(descriptor.get("acyclic", False)),
            title=title,
            description=description,
        )

    @property
    def key(self) -> str | None:
        """The single primary-key column, or None where there is none or several."""
        return self.primary_key[0] if len(self.primary_key) == 1 else None

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The column of that name.

        Raises:
            NotFoundError: There is no such column.
        """
        for field in self.fields:
            if field.name == name:
                return field
        from idlib_data.errors import NotFoundError

        raise NotFoundError(f"column of {self.name}", name, self.names)

    def target(self, name: str) -> str | None:
        """The table that the column points to by a single-column foreign key, or None."""
        for key in self.foreign_keys:
            if key.fields == (name,):
                return key.table
        return None

    def pandera_schema(self) -> pa_pandas.DataFrameSchema:
        """The pandera schema of a frame loaded with plain text for code lists.

        Made here and not by pandera's own converter from frictionless, which loses nullable
        integers, dates, booleans and alternations in patterns.
        """
        from pandera.pandas import DataFrameSchema

        return DataFrameSchema(
            {field.name: field.pandera_column() for field in self.fields},
            unique=list(self.primary_key) or None,
            strict=True,
            coerce=False,
            name=self.name,
        )


def _check_names(fields: tuple[Field, ...]) -> None:
    """Refuse columns that could not be told apart, and properties that name no column."""
    names = [field.name for field in fields]
    folded = Counter(name.casefold() for name in names)
    for field in fields:
        if not field.name or field.name.startswith("_"):
            raise ValueError(f"a column cannot be called {field.name!r}")
        if folded[field.name.casefold()] > 1:
            raise ValueError(f"there are two columns called {field.name!r}, but for case")
        if field.evidence not in EVIDENCE:
            raise ValueError(f"{field.name}: evidence is one of {', '.join(EVIDENCE)}")
        for name in (*field.at_least, *field.requires):
            if name not in names:
                raise ValueError(f"{field.name}: there is no column {name!r}")
        if field.lexical is not None:
            try:
                re.compile(field.lexical)
            except (re.error, OverflowError, RecursionError) as error:
                raise ValueError(f"{field.name}: lexical is no pattern: {error}") from error


def _number(bound: Any) -> float | None:
    """A bound that is a number; days as bounds are left to the judge of structure."""
    return bound if isinstance(bound, int | float) else None


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
