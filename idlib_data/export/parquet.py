"""Tables as Parquet: typed columns, everything that shapes the bytes stated here."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from idlib_data.dataset import Dataset

ROW_GROUP = 65_536
"""Rows per row group."""
LAYOUT: dict[str, Any] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "data_page_size": 1024 * 1024,
    "write_batch_size": 1024,
    "dictionary_pagesize_limit": 1024 * 1024,
    "use_dictionary": True,
    "compression": "zstd",
    "compression_level": 9,
    "write_statistics": True,
    "store_schema": True,
}
"""What a library's next version might choose otherwise."""


def write(dataset: Dataset, table: str, path: Path) -> None:
    """Write one table as a Parquet file.

    Columns and their order are those of the schema: dates as ``date32``, integers as ``int64``,
    numbers as ``double``, the rest as text, code lists too. The file holds no metadata but the
    Arrow schema.

    Args:
        dataset: The package.
        table: Name of the table.
        path: File to write; one that is there is replaced.

    Raises:
        NotFoundError: There is no such table.
        PackageError: Its file does not fit its schema.
        OSError: The file cannot be written.
    """
    from pyarrow import parquet

    rows = dataset.arrow(table).replace_schema_metadata(None)
    parquet.write_table(rows, path, row_group_size=ROW_GROUP, **LAYOUT)


def writer() -> str:
    """The version of the library on which the bytes depend."""
    return version("pyarrow")
