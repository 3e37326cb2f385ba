"""One opened copy of the data: where it is, what it holds, its tables as typed frames."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, overload

from idlib_data import tombstones as stones
from idlib_data.errors import NotFoundError, PackageError, RetiredIdWarning, shortened
from idlib_data.schema import TableSchema

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DESCRIPTOR = "datapackage.json"
ENVIRONMENT_VARIABLE = "IDLIB_DATA_PACKAGE"
HERE = Path(__file__).parent

Frame = Literal["pandas", "arrow"]
Origin = Literal["argument", "environment", "embedded", "checkout", "release"]
PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Found:
    """Where a record is.

    Attributes:
        table: The table that holds it.
        record_id: Its id, which is another than asked for where that one is retired.
        note: What became of the id that was asked for, None where nothing did.
    """

    table: str
    record_id: str
    note: str | None = None


class Dataset:
    """An opened data package; nothing but its descriptor is read until it is asked for.

    Attributes:
        root: Folder that holds ``datapackage.json``.
        origin: How it was found: ``argument``, ``environment``, ``embedded``, ``checkout``, or
            ``release`` for one that was published and fetched.
        descriptor: The content of ``datapackage.json``.
    """

    def __init__(self, root: Path, origin: Origin = "argument") -> None:
        self.root = root
        self.origin = origin
        self.descriptor = _read_json(root / DESCRIPTOR)

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}, {self.version!r}, root={str(self.root)!r})"

    @property
    def name(self) -> str:
        """Name of the package."""
        return str(self.descriptor.get("name", ""))

    @property
    def version(self) -> str:
        """Version of the data."""
        return str(self.descriptor.get("version", ""))

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resource descriptors by table name, in the descriptor's order."""
        resources = self.descriptor.get("resources")
        if not isinstance(resources, list):
            raise PackageError(f"{self.root / DESCRIPTOR}: 'resources' is not a list")
        named = [r for r in resources if isinstance(r, dict) and isinstance(r.get("name"), str)]
        if len({resource["name"].casefold() for resource in named}) < len(resources):
            raise PackageError(f"{self.root / DESCRIPTOR}: each resource needs a name of its own")
        return {resource["name"]: resource for resource in named}

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables."""
        return tuple(self.resources)

    @cached_property
    def schemas(self) -> dict[str, TableSchema]:
        """The schemas of all tables by name."""
        return {table: self._read_schema(table) for table in self.tables}

    def schema(self, table: str) -> TableSchema:
        """The schema of one table.

        Raises:
            NotFoundError: There is no such table.
        """
        if table not in self.resources:
            raise NotFoundError("table", table, self.tables)
        return self.schemas[table]

    def path(self, table: str) -> Path:
        """The data file of one table."""
        if table not in self.resources:
            raise NotFoundError("table", table, self.tables)
        return _inside(self.root, self.relative_path(table))

    def relative_path(self, table: str) -> str:
        """The data file of one table as the descriptor writes it, relative to the root."""
        return _safe(self.resources[table].get("path"), f"resource {table}: path")

    def table_of(self, record_id: str) -> str:
        """The table that holds the record of that id, or the one that stands for it, see `find`.

        Raises:
            NotFoundError: No table holds it.
        """
        return self.find(record_id).table

    def find(self, record_id: str) -> Found:
        """Where the record of that id is; a retired id leads to its successor, with a warning.

        Raises:
            NotFoundError: No table holds it; of a withdrawn record it is told when and why it went.
        """
        known: list[str] = []
        if table := self._holder(record_id, known):
            return Found(table, record_id)
        if record_id not in self.tombstones:
            raise NotFoundError("record", record_id, known)
        successor, note = stones.follow(record_id, self.tombstones)
        if not (table := self._holder(successor, [])):
            raise NotFoundError("record", successor, known)
        warnings.warn(note, RetiredIdWarning, stacklevel=3)
        return Found(table, successor, note)

    def _holder(self, record_id: str, known: list[str]) -> str | None:
        """The table with a record of that id; the ids of the tables without it become known."""
        for table, schema in self.schemas.items():
            if schema.key:
                ids = self.arrow(table).column(schema.key).to_pylist()
                if record_id in ids:
                    return table
                known += ids
        return None

    @cached_property
    def tombstones(self) -> stones.Tombstones:
        """What became of the ids that are retired; empty where the package has no such table."""
        schema = self.schemas.get(stones.TABLE)
        if schema is None or not set(stones.COLUMNS) <= set(schema.names):
            return {}
        return stones.by_id(self.arrow(stones.TABLE).to_pylist())

    def arrow(self, table: str, *, categories: bool = False) -> pa.Table:
        """One table as an Arrow table, typed from its schema.

        Args:
            table: Name of the table.
            categories: Give columns of a code list as dictionaries and not as plain text.

        Raises:
            PackageError: The file is missing or does not fit its schema.
        """
        if table not in self._loaded:
            self._loaded[table] = self._read(table)
        frame = self._loaded[table]
        return self.with_categories(table, frame) if categories else frame

    def with_categories(self, table: str, frame: pa.Table) -> pa.Table:
        """Rows of a table with the columns of a code list as Arrow dictionaries."""
        for field in self.schema(table).fields:
            if self._codes(table, field.name):
                position = frame.schema.get_field_index(field.name)
                column = frame.column(position).dictionary_encode()
                frame = frame.set_column(position, field.name, column)
        return frame

    @overload
    def load(self, table: str, as_: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def load(self, table: str, as_: Literal["arrow"]) -> pa.Table: ...
    @overload
    def load(self, table: str, as_: Frame) -> pd.DataFrame | pa.Table: ...
    def load(self, table: str, as_: Frame = "pandas") -> pd.DataFrame | pa.Table:
        """One table as a typed frame.

        Args:
            table: Name of the table.
            as_: ``"pandas"`` (default) or ``"arrow"``.

        Returns:
            One row per record, columns in the order of the schema. In pandas: dates as
            ``datetime64[us]``, integers as nullable ``Int64``, numbers as ``float64``, code lists
            as categories with all codes, other text as ``str``; a missing value is null.

        Raises:
            NotFoundError: There is no such table or frame kind.
            PackageError: The file does not fit its schema.
        """
        if as_ == "arrow":
            return self.arrow(table, categories=True)
        if as_ != "pandas":
            raise NotFoundError("kind of frame", as_, ("pandas", "arrow"))
        return self.to_pandas(table, self.arrow(table))

    def to_pandas(self, table: str, frame: pa.Table) -> pd.DataFrame:
        """Rows of a table in Arrow as a typed pandas frame, see `load`."""
        import pandas as pd

        result: pd.DataFrame = frame.to_pandas(date_as_object=False, integer_object_nulls=True)
        for field in self.schema(table).fields:
            codes = self._codes(table, field.name)
            strange = set(result[field.name].dropna()) - set(codes) if codes else set()
            if strange:
                raise PackageError(
                    f"{self.path(table)}: table {table} has the unknown {field.name} "
                    f"{sorted(strange)[0]!r}; 'idlib-data validate' names every fault"
                )
            dtype: Any = pd.CategoricalDtype(list(codes)) if codes else field.pandas_dtype
            result[field.name] = result[field.name].astype(dtype)
        return result

    @cached_property
    def _loaded(self) -> dict[str, pa.Table]:
        return {}

    def _codes(self, table: str, field: str) -> tuple[str, ...]:
        """The codes of a column that draws on an enum or a code-list table, else nothing."""
        schema = self.schema(table)
        target = schema.target(field)
        if target and self.schemas[target].code_list and (key := self.schemas[target].key):
            return tuple(self.arrow(target).column(key).to_pylist())
        return schema.field(field).enum

    def _read(self, table: str) -> pa.Table:
        import pyarrow as pa
        from pyarrow import csv

        schema, path = self.schema(table), self.path(table)
        types = {field.name: field.arrow_type() for field in schema.fields}
        options = csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=[""],
            true_values=["true"],
            false_values=["false"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )
        parse = csv.ParseOptions(newlines_in_values=True)
        try:
            return csv.read_csv(path, parse_options=parse, convert_options=options).combine_chunks()
        except FileNotFoundError as error:
            raise PackageError(f"{path}: the file of table {table} is missing") from error
        except (OSError, pa.ArrowException) as error:
            message = f"{path}: does not fit schemas of table {table}: {error}"
            raise PackageError(f"{message}; 'idlib-data validate' names every fault") from error

    def schema_descriptor(self, table: str) -> dict[str, Any]:
        """The Table Schema of one table as it is written.

        Raises:
            PackageError: It is missing, cannot be read, or lies outside the package.
        """
        descriptor = self.resources[table].get("schema")
        if isinstance(descriptor, str):
            path = _safe(descriptor, f"resource {table}: schema")
            descriptor = _read_json(_inside(self.root, path))
        if not isinstance(descriptor, dict):
            raise PackageError(f"{self.root / DESCRIPTOR}: resource {table} has no schema")
        return descriptor

    def _read_schema(self, table: str) -> TableSchema:
        resource, descriptor = self.resources[table], self.schema_descriptor(table)
        title, description = str(resource.get("title", "")), str(resource.get("description", ""))
        try:
            return TableSchema.from_descriptor(
                table, descriptor, title=title, description=description
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            why = str(error)[:1000] if isinstance(error, ValueError) else shortened(error)
            raise PackageError(f"the schema of table {table} is broken: {why}") from error


def open(package: PathLike | Dataset | None = None) -> Dataset:
    """Open a data package.

    Args:
        package: A folder with a ``datapackage.json``, or that file; the version of a published
            release, which is taken from the cache or fetched, verified and kept there; an opened
            dataset is handed back. Without it the first of these is taken: what the environment
            variable ``IDLIB_DATA_PACKAGE`` names, the copy embedded in the installed package, the
            checkout that the package is run from.

    Raises:
        PackageError: There is no data package at that place, or its descriptor cannot be read.
        ReleaseError: The release cannot be fetched, or is not what it should be.
    """
    if isinstance(package, Dataset):
        return package
    root, origin = locate(package)
    return Dataset(root, origin) if origin == "argument" else _default(root, origin)


def locate(package: PathLike | None = None) -> tuple[Path, Origin]:
    """The folder of a data package and how it was found, see `open`; the descriptor is not read.

    Raises:
        PackageError: There is no data package at that place.
    """
    if package is not None:
        if release := _release(package):
            return release, "release"
        return _folder(Path(package)), "argument"
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        if release := _release(named):
            return release, "release"
        return _folder(Path(named), f" (from {ENVIRONMENT_VARIABLE})"), "environment"
    return _shipped()


def _shipped() -> tuple[Path, Origin]:
    """The package that came with the program."""
    if (HERE / "_bundle" / DESCRIPTOR).is_file():
        return HERE / "_bundle", "embedded"
    if (HERE.parent / DESCRIPTOR).is_file():
        return HERE.parent, "checkout"
    raise PackageError(
        f"no data package found: give a folder, or set {ENVIRONMENT_VARIABLE} to one"
    )


def index_said() -> str | None:
    """Where the package in use says that its releases are listed, if it does."""
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    try:
        root = _folder(Path(named)) if named and not _is_release(named) else _shipped()[0]
        said = _read_json(root / DESCRIPTOR).get("releases")
    except PackageError:
        return None
    return said if isinstance(said, str) else None


def _is_release(package: PathLike) -> bool:
    """Whether what is given is the version of a release and nothing that lies here."""
    from idlib_data.fetch.index import is_version

    return isinstance(package, str) and is_version(package) and not Path(package).exists()


def _release(package: PathLike) -> Path | None:
    """The folder of a published release, if what is given is the version of one."""
    if not _is_release(package):
        return None
    from idlib_data.fetch import obtain

    return obtain(str(package), said=index_said())


def tables(package: PathLike | Dataset | None = None) -> tuple[str, ...]:
    """The names of the tables of a package, see `open`."""
    return open(package).tables


@overload
def load(
    table: str, as_: Literal["pandas"] = "pandas", *, package: PathLike | Dataset | None = None
) -> pd.DataFrame: ...
@overload
def load(
    table: str, as_: Literal["arrow"], *, package: PathLike | Dataset | None = None
) -> pa.Table: ...
@overload
def load(
    table: str, as_: Frame, *, package: PathLike | Dataset | None = None
) -> pd.DataFrame | pa.Table: ...
def load(
    table: str, as_: Frame = "pandas", *, package: PathLike | Dataset | None = None
) -> pd.DataFrame | pa.Table:
    """One table as a typed frame, see `Dataset.load` and `open`."""
    return open(package).load(table, as_)


def version() -> str:
    """The version of the installed package, which is the version of the data it carries."""
    embedded = HERE / "_bundle"
    root = embedded if (embedded / DESCRIPTOR).is_file() else HERE.parent
    return Dataset(root).version


_opened: dict[tuple[Path, Origin, int], Dataset] = {}


def _default(root: Path, origin: Origin) -> Dataset:
    """The dataset at a fixed place, opened once as long as its descriptor does not change."""
    key = (root, origin, (root / DESCRIPTOR).stat().st_mtime_ns)
    if key not in _opened:
        _opened[key] = Dataset(root, origin)
    return _opened[key]


def _folder(path: Path, said: str = "") -> Path:
    root = path.parent if path.name == DESCRIPTOR else path
    if not (root / DESCRIPTOR).is_file():
        raise PackageError(f"{path}{said}: no {DESCRIPTOR} there")
    return root


def _safe(path: object, what: str) -> str:
    """A descriptor's path, refused where it would lead out of the package."""
    if not isinstance(path, str) or not path:
        raise PackageError(f"{what} is not a path: {shortened(path)}")
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or ":" in path or "\\" in path or "\0" in path:
        raise PackageError(f"{what} {shortened(path)} leads out of the package")
    return path


def _inside(root: Path, path: str) -> Path:
    """A file of the package, refused where links lead out of it or where reading could block."""
    file = root / path
    try:
        inside = file.resolve().is_relative_to(root.resolve())
        # A missing file or a folder is named by whoever reads it; a pipe would make them wait.
        blocks = file.exists() and not (file.is_file() or file.is_dir())
    except (OSError, RuntimeError, ValueError) as error:
        raise PackageError(f"the path {shortened(path)} cannot be followed: {error}") from error
    if not inside:
        raise PackageError(f"the path {shortened(path)} is a link that leads out of the package")
    if blocks:
        raise PackageError(f"the path {shortened(path)} is no ordinary file")
    return file


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise PackageError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise PackageError(f"{path}: is not a JSON object")
    return content
