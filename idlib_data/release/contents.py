"""What a release is made of: the tables as they are, and everything that is derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idlib_data.dataset import DESCRIPTOR, Dataset
from idlib_data.errors import ReleaseError
from idlib_data.export import parquet, sqlite
from idlib_data.release import archive, changelog, layout, metadata
from idlib_data.release.codebook import codebook
from idlib_data.release.croissant import croissant
from idlib_data.release.layout import Layout


@dataclass(frozen=True)
class State:
    """What a release says of itself that its tables do not.

    Attributes:
        date: Its day, YYYY-MM-DD.
        step: ``first``, ``major``, ``minor`` or ``patch``.
        base: Version of the release before, if there is one.
        changes: What differs from it.
    """

    date: str
    step: str = "first"
    base: str | None = None
    changes: tuple[changelog.Row, ...] = ()


def copy_tables(source: Dataset, top: Path) -> Dataset:
    """The tables, schemas and descriptor of a package in the places that a release has for them.

    Raises:
        ReleaseError: A table has no file.
        PackageError: A schema cannot be read.
        OSError: A file cannot be written.
    """
    for table in source.tables:
        path = source.path(table)
        if not path.is_file():
            raise ReleaseError(f"{path}: the file of table {table} is missing")
        data = top / Layout.data(table)
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_bytes(path.read_bytes())
        layout.put_json(top, Layout.schema(table), source.schema_descriptor(table))
    layout.put_json(top, DESCRIPTOR, metadata.descriptor(source, top))
    return Dataset(top)


def derive(dataset: Dataset, root: Path, state: State) -> None:
    """Write everything that is made of the tables beside them.

    Args:
        dataset: The release, with its tables, schemas and descriptor.
        root: The folder of the package, for its documents.
        state: The day, and what changed.

    Raises:
        ReleaseError: A document cannot be read.
        PackageError: The tables do not fit their schemas.
        OSError: A file cannot be written.
    """
    top = dataset.root
    _write_formats(dataset)
    layout.put(top, layout.CODEBOOK, codebook(dataset, state.date))
    _write_changes(dataset, state)
    _write_documents(root, dataset, state)
    layout.put_json(top, layout.DATACITE, metadata.datacite(dataset, state.date))
    layout.put_json(top, layout.CROISSANT, croissant(dataset, top, state.date))
    _write_manifest(dataset, state)


def _write_formats(dataset: Dataset) -> None:
    plan, top = Layout.of(dataset), dataset.root
    for table in dataset.tables:
        path = top / plan.parquet(table)
        path.parent.mkdir(exist_ok=True)
        parquet.write(dataset, table, path)
    sqlite.write(dataset, top / plan.database)


def _write_changes(dataset: Dataset, state: State) -> None:
    layout.put(dataset.root, layout.CHANGES_CSV, changelog.as_csv(state.changes))
    text = changelog.as_markdown(list(state.changes), dataset, state.date, state.step, state.base)
    layout.put(dataset.root, layout.CHANGES_MD, text)


def _write_documents(root: Path, dataset: Dataset, state: State) -> None:
    """Take over what the package says about itself in words, as far as it has it."""
    for name in layout.DOCUMENTS:
        if (root / name).is_file():
            layout.put(dataset.root, name, read_text(root, name))
    if (root / layout.CITATION).is_file():
        text = metadata.citation(read_text(root, layout.CITATION), dataset.version, state.date)
        layout.put(dataset.root, layout.CITATION, text)


def _write_manifest(dataset: Dataset, state: State) -> None:
    """Write what identifies the release, and the sums of all its files."""
    top = dataset.root
    writers = {
        "pyarrow": parquet.writer(),
        "sqlite": sqlite.writer(),
        "zlib": archive.writer(),
    }
    manifest = {
        "format": layout.FORMAT,
        "name": dataset.name,
        "version": dataset.version,
        "date": state.date,
        "step": state.step,
        "base": state.base,
        "writers": writers,
        "tables": {table: {"rows": dataset.arrow(table).num_rows} for table in dataset.tables},
        "files": described(top),
    }
    layout.put_json(top, layout.MANIFEST, manifest)
    layout.put(top, layout.SUMS, layout.sums(top, layout.files(top)))


def read_text(root: Path, name: str) -> str:
    """A text of the package, which must not be a link that leads out of it.

    Raises:
        ReleaseError: It is, or it cannot be read as UTF-8.
    """
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise ReleaseError(f"{path}: is a link that leads out of the package")
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path}: cannot be read as UTF-8: {error}") from error


def described(folder: Path) -> dict[str, dict[str, Any]]:
    """Hash and size of every file below a folder, by path."""
    return {
        name: {"sha256": layout.sha256(folder / name), "bytes": (folder / name).stat().st_size}
        for name in layout.files(folder)
    }
