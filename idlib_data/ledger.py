"""The ledger: the claims behind a cell, the disputes, and the check of passages against texts.

A claim is one statement by one source about one cell. Its *origin* is who really says it: the actor
it is attributed to, else the actor that the source as a whole relays, else the publisher, else the
source itself. Independence is counted over origins, never over pages, and origins that speak with
one *voice* (see `idlib_data.origins`) count once.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from idlib_data.dataset import Dataset, PathLike, open
from idlib_data.errors import PackageError
from idlib_data.origins import Voices

if TYPE_CHECKING:
    import pandas as pd

SOURCE_COLUMNS = ("title", "publisher", "published_date", "url")
DISPUTE_COLUMNS = (
    "table",
    "record_id",
    "field",
    "accepted_value",
    "accepted_by",
    "other_values",
    "other_by",
    "accepted_origins",
    "other_origins",
)


def claims_with_origin(package: PathLike | Dataset | None = None) -> pd.DataFrame:
    """All claims with their origin and the main facts about their source.

    Returns:
        The columns of ``claims``, then ``origin`` (id of an actor, or name of a publisher) and
        ``voice`` (the same, but the topmost body for whom the origin speaks), then ``title``,
        ``publisher``, ``published_date`` and ``url`` of the source; one row per claim.
    """
    dataset = open(package)
    claims, sources = dataset.load("claims"), dataset.load("sources")
    joined = claims.merge(
        sources[["source_id", *SOURCE_COLUMNS, "relays"]], on="source_id", how="left"
    )
    origin = joined["attributed_to"]
    for column in ("relays", "publisher", "source_id"):
        origin = origin.fillna(joined[column])
    joined.insert(len(claims.columns), "origin", origin)
    voices = {name: Voices.of(dataset).voice(name) for name in origin.dropna().unique()}
    joined.insert(len(claims.columns) + 1, "voice", origin.map(voices).astype("str"))
    return joined.drop(columns="relays")


def evidence(
    record_id: str, field: str | None = None, *, package: PathLike | Dataset | None = None
) -> pd.DataFrame:
    """The claims about one record, or about one cell of it.

    Args:
        record_id: Id of a record in any table; a retired one leads to the record that stands for
            it, with a warning.
        field: Column of its table; without it all claims of the record are given.
        package: See `idlib_data.open`.

    Returns:
        The columns of `claims_with_origin`, accepted claims first within each field.

    Raises:
        NotFoundError: There is no such record or column.
    """
    dataset = open(package)
    found = dataset.find(record_id)
    schema = dataset.schema(found.table)
    claims = claims_with_origin(dataset)
    claims = claims[claims["record_id"] == found.record_id]
    if field is not None:
        claims = claims[claims["field"] == schema.field(field).name]
    rank = {name: position for position, name in enumerate(schema.names)}
    order = claims.assign(
        _field=claims["field"].map(rank).fillna(-1), _other=claims["status"] != "accepted"
    ).sort_values(["_field", "_other", "claim_id"])
    return order.drop(columns=["_field", "_other"]).reset_index(drop=True)


def disputes(package: PathLike | Dataset | None = None) -> pd.DataFrame:
    """The cells, and the records as such, about which sources contradict each other.

    Returns:
        One row per disputed cell: ``table``, ``record_id``, ``field`` (null: whether the record
        exists at all), ``accepted_value``, ``accepted_by``, ``other_values``, ``other_by`` (origins
        and values joined by ``"; "``; all of them text) and, as ``Int64``, ``accepted_origins`` and
        ``other_origins``: how many of those named are independent, a body and its organs counting
        as one.
    """
    import pandas as pd

    dataset = open(package)
    claims = claims_with_origin(dataset)
    claims = claims[claims["status"].isin(["accepted", "conflict"])]
    key = ["record_id", "field"]
    disputed = claims.loc[claims["status"] == "conflict", key].drop_duplicates()
    tables = tables_of_records(dataset)
    rows = []
    for (record_id, field), cell in claims.merge(disputed, on=key).groupby(key, dropna=False):
        other = cell[cell["status"] == "conflict"]
        exists = not isinstance(field, str)
        accepted = cell[cell["status"] == "accepted"]
        told = accepted["value"].dropna()
        rows.append(
            (
                tables.get(str(record_id)),
                record_id,
                None if exists else field,
                told.iloc[0] if len(told) else None,
                _join(accepted["origin"]),
                _join(other["value"]) or ("denied" if exists else None),
                "; ".join(
                    f"{value}: {_join(said['origin'])}"
                    if isinstance(value, str)
                    else _join(said["origin"])
                    for value, said in other.groupby("value", dropna=False, sort=True)
                ),
                accepted["voice"].nunique(),
                other["voice"].nunique(),
            )
        )
    frame = pd.DataFrame(rows, columns=list(DISPUTE_COLUMNS))
    text = DISPUTE_COLUMNS[:-2]
    return frame.astype(
        {**dict.fromkeys(text, "str"), **dict.fromkeys(DISPUTE_COLUMNS[-2:], "Int64")}
    )


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: its non-empty lines, NFC, white space folded and trimmed."""
    folded = (
        re.sub(r"\s+", " ", unicodedata.normalize("NFC", line)).strip() for line in text.split("\n")
    )
    return [line for line in folded if line]


def passage_hash(passage: str) -> str:
    """SHA-256 of a passage as the ledger writes it, see `paragraphs`."""
    return hashlib.sha256("\n".join(paragraphs(passage)).encode()).hexdigest()


@dataclass(frozen=True)
class PassageCheck:
    """What became of one claim when its passage was looked up in an archive of texts.

    ``outcome`` is ``verified``, ``mismatch`` (the passage reads differently), ``no-paragraph`` (the
    text has none of that number) or ``no-text`` (no text in the archive has the source's hash).
    """

    claim_id: str
    record_id: str
    source_id: str
    locator: str
    outcome: str
    file: str | None


def verify_archive(
    archive: PathLike, *, package: PathLike | Dataset | None = None
) -> list[PassageCheck]:
    """Look up the passage of each claim in a folder of texts, and compare the hashes.

    A text belongs to a source when its hash is the source's ``text_sha256``, whatever its file is
    called; nothing of the texts is kept.

    Args:
        archive: Folder with the texts, as UTF-8 files.
        package: See `idlib_data.open`.

    Returns:
        One check per claim that has a passage hash, in the order of the ledger.

    Raises:
        PackageError: The folder does not exist or holds no readable text.
    """
    dataset = open(package)
    texts = _texts(Path(archive))
    sources = dataset.load("sources").set_index("source_id")["text_sha256"].dropna()
    claims = dataset.load("claims").dropna(subset=["passage_sha256"])
    checks = []
    for claim in claims.itertuples(index=False):
        file, lines = texts.get(str(sources.get(claim.source_id)), (None, []))
        number = re.fullmatch(r"p([0-9]+)", str(claim.locator))
        at = int(number[1]) if number else 0
        if file is None:
            outcome = "no-text"
        elif not 1 <= at <= len(lines):
            outcome = "no-paragraph"
        else:
            same = passage_hash(lines[at - 1]) == claim.passage_sha256
            outcome = "verified" if same else "mismatch"
        checks.append(
            PassageCheck(
                str(claim.claim_id),
                str(claim.record_id),
                str(claim.source_id),
                str(claim.locator),
                outcome,
                file,
            )
        )
    return checks


def _texts(archive: Path) -> dict[str, tuple[str | None, list[str]]]:
    """Text hash -> file name and paragraphs, of every UTF-8 file in the folder."""
    if not archive.is_dir():
        raise PackageError(f"{archive}: is no folder of texts")
    texts: dict[str, tuple[str | None, list[str]]] = {}
    for file in sorted(archive.iterdir()):
        if not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        texts[passage_hash(text)] = (file.name, paragraphs(text))
    if not texts:
        raise PackageError(f"{archive}: holds no UTF-8 text")
    return texts


def tables_of_records(dataset: Dataset) -> dict[str, str]:
    """Record id -> table, over all tables."""
    found = {}
    for table, schema in dataset.schemas.items():
        if schema.key:
            found.update(dict.fromkeys(dataset.arrow(table).column(schema.key).to_pylist(), table))
    return found


def _join(values: pd.Series) -> str:
    return "; ".join(sorted({str(value) for value in values.dropna()}))
