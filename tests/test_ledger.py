"""The ledger: claims behind a cell, disputes, and passages checked against texts."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from idlib_data.dataset import open
from idlib_data.errors import NotFoundError, PackageError
from idlib_data.ledger import (
    claims_with_origin,
    disputes,
    evidence,
    paragraphs,
    passage_hash,
    verify_archive,
)
from tests.mini import claim, make_mini, put

ROOT = Path(__file__).resolve().parents[1]
ARCHIVE = Path(os.environ.get("IDLIB_ARCHIVE", ROOT.parent / "shared" / "seeds"))
COLUMNS = {
    "sources": "source_id title publisher published_date url relays text_sha256",
    "things": "thing_id size day",
    "claims": "claim_id record_id field value source_id attributed_to status locator"
    " passage_sha256 note",
}
TEXT = "First, a headline.\n\n   Second  paragraph\twith   odd spaces. \nThird.\n"
TEXT_HASH = hashlib.sha256(
    b"First, a headline.\nSecond paragraph with odd spaces.\nThird."
).hexdigest()
SECOND = hashlib.sha256(b"Second paragraph with odd spaces.").hexdigest()
SOURCES = [
    f"src-text,With text,Daily,2020-07-14,https://d.example,,{TEXT_HASH}",
    "src-relay,Relays a ministry,Daily,,,act-mod,",
    "src-plain,Speaks itself,Weekly,,,,",
    "src-bare,Nobody named,,,,,",
]
CLAIMS = [
    "clm-1,t-1,size,5,src-plain,,conflict,,,another count",
    "clm-2,t-1,size,4,src-relay,,accepted,,,",
    "clm-3,t-1,size,4,src-relay,act-mod,accepted,,,",
    "clm-4,t-1,,,src-bare,,accepted,,,",
    f"clm-5,t-1,day,2020-07-14,src-text,,accepted,p2,{SECOND},",
    "clm-6,t-1,size,3,src-plain,,superseded,,,replaced the next day",
    "clm-7,t-1,size,5,src-text,,conflict,,,another count",
    "clm-8,t-1,size,6,src-bare,,conflict,,,a third count",
    "clm-9,t-2,size,9,src-plain,,accepted,,,",
    "clm-10,t-2,size,8,src-bare,,rejected,,,a misprint",
]


def write_ledger(folder: Path, claims: Iterable[str] = CLAIMS) -> Path:
    """A package of one table of things, its sources and its ledger."""
    types = {"day": "date", "published_date": "date", "size": "integer"}
    rows = {"sources": SOURCES, "things": ["t-1,4,2020-07-14", "t-2,9,"], "claims": list(claims)}
    folder.mkdir(exist_ok=True)
    resources: list[dict[str, Any]] = []
    for table, named in COLUMNS.items():
        names = named.split()
        lines = [",".join(names), *rows[table]]
        (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        fields = [{"name": name, "type": types.get(name, "string")} for name in names]
        schema = {"fields": fields, "primaryKey": names[0]}
        resources.append({"name": table, "path": f"{table}.csv", "schema": schema})
    descriptor = {"name": "ledger", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_ledger(tmp_path / "ledger")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "any-name.txt").write_text(TEXT, "utf-8")
    return folder


def outcomes(archive: Path, folder: Path, *claims: str) -> list[tuple[str, str, str | None]]:
    checks = verify_archive(archive, package=write_ledger(folder, claims))
    return [(check.claim_id, check.outcome, check.file) for check in checks]


def test_an_origin_is_who_says_it_then_whom_the_source_relays_then_the_publisher(
    package: Path,
) -> None:
    claims = claims_with_origin(package).set_index("claim_id")["origin"].to_dict()
    assert claims["clm-3"] == "act-mod"
    assert claims["clm-2"] == "act-mod"
    assert claims["clm-1"] == "Weekly"
    assert claims["clm-4"] == "src-bare"
    assert claims["clm-7"] == "Daily"


def test_an_attribution_goes_before_the_actor_that_the_source_relays(tmp_path: Path) -> None:
    said = "clm-1,t-1,size,4,src-relay,act-other,accepted,,,"
    claims = claims_with_origin(write_ledger(tmp_path / "p", [said]))
    assert claims["origin"].tolist() == ["act-other"]


def test_without_actors_each_origin_is_its_own_voice(package: Path) -> None:
    claims = claims_with_origin(package)
    assert claims["voice"].tolist() == claims["origin"].tolist()
    assert str(claims["voice"].dtype) == "str"


def test_origins_of_one_voice_stay_apart_as_origins(tmp_path: Path) -> None:
    mini = make_mini(tmp_path / "mini")
    put(mini, "actors", "act-centre", name="Centre", kind="body", parent_actor_id="act-ru-mod")
    claim(
        mini, "pat-m4-2020-07-14", "sequence", "20", status="conflict", attributed_to="act-centre"
    )
    said = evidence("pat-m4-2020-07-14", "sequence", package=mini)
    said = said[said["status"] == "conflict"]
    assert said["origin"].tolist() == ["act-ru-mod", "act-centre"]
    assert said["voice"].tolist() == ["act-ru-mod", "act-ru-mod"]
    (row,) = disputes(mini).to_dict("records")
    assert row["other_by"] == "20: act-centre; act-ru-mod"
    assert (row["accepted_origins"], row["other_origins"]) == (2, 1)


def test_claims_carry_the_facts_about_their_source(package: Path) -> None:
    claims = claims_with_origin(package)
    added = ["origin", "voice", "title", "publisher", "published_date", "url"]
    assert claims.columns.tolist() == [*COLUMNS["claims"].split(), *added]
    row = claims.set_index("claim_id").loc["clm-5"]
    assert (row["title"], row["publisher"], row["url"]) == (
        "With text",
        "Daily",
        "https://d.example",
    )
    assert str(row["published_date"])[:10] == "2020-07-14"
    assert len(claims) == len(CLAIMS)


def test_evidence_goes_by_column_with_the_accepted_claims_first(package: Path) -> None:
    claims = evidence("t-1", package=package)
    # The existence of the record first, then its columns in the order of the schema.
    assert claims["claim_id"].tolist() == [
        "clm-4",
        "clm-2",
        "clm-3",
        "clm-1",
        "clm-6",
        "clm-7",
        "clm-8",
        "clm-5",
    ]
    assert claims.index.tolist() == list(range(8))


def test_evidence_of_one_cell_holds_only_that_cell(package: Path) -> None:
    claims = evidence("t-1", "size", package=package)
    assert claims["value"].tolist() == ["4", "4", "5", "3", "5", "6"]
    assert set(claims["field"]) == {"size"}
    assert evidence("t-2", "day", package=package).empty


def test_evidence_of_what_does_not_exist_is_refused(package: Path) -> None:
    with pytest.raises(NotFoundError, match="no record 't-11'; did you mean t-1"):
        evidence("t-11", package=package)
    with pytest.raises(NotFoundError, match="no column of things 'sise'; did you mean size"):
        evidence("t-1", "sise", package=package)


def test_the_shipped_ledger_has_both_counts_of_the_july_patrol() -> None:
    claims = evidence("pat-m4-2020-07-14", "sequence", package=ROOT)
    status = claims["status"].astype(str).tolist()
    assert set(claims.loc[claims["status"] == "accepted", "value"]) == {"21"}
    assert status == sorted(status, key=lambda word: word != "accepted")
    # Every outlet that passes the ministry's count on is one origin.
    accepted = claims[claims["status"] == "accepted"]
    relaying = accepted[accepted["attributed_to"] == "act-tr-mod"]
    assert relaying["origin"].unique().tolist() == ["act-tr-mod"]
    # The minister and his ministry speak with one voice.
    assert {"act-akar", "act-tr-mod"} <= set(accepted["origin"])
    assert set(accepted["voice"]) & {"act-akar", "act-tr-mod"} == {"act-tr-mod"}


def test_a_disputed_cell_shows_both_sides_with_their_origins(package: Path) -> None:
    found = disputes(package).to_dict("records")
    # Two accepted claims of one ministry are one origin; superseded and rejected claims are none.
    assert found == [
        {
            "table": "things",
            "record_id": "t-1",
            "field": "size",
            "accepted_value": "4",
            "accepted_by": "act-mod",
            "other_values": "5; 6",
            "other_by": "5: Daily; Weekly; 6: src-bare",
            "accepted_origins": 1,
            "other_origins": 3,
        }
    ]


def test_whether_a_record_exists_at_all_can_be_disputed(tmp_path: Path) -> None:
    said = [
        "clm-1,t-2,,,src-text,act-mod,accepted,,,",
        "clm-2,t-2,,,src-plain,,conflict,,,it never took place",
        "clm-3,t-2,size,9,src-text,,accepted,,,",
    ]
    frame = disputes(write_ledger(tmp_path / "p", said))
    assert frame["field"].isna().tolist() == [True]
    (row,) = frame.drop(columns=["field", "accepted_value"]).to_dict("records")
    assert row == {
        "table": "things",
        "record_id": "t-2",
        "accepted_by": "act-mod",
        "other_values": "denied",
        "other_by": "Weekly",
        "accepted_origins": 1,
        "other_origins": 1,
    }


def test_a_conflict_about_a_cell_nobody_fills_is_a_dispute_without_an_accepted_value(
    tmp_path: Path,
) -> None:
    said = ["clm-1,t-2,day,2020-07-14,src-plain,,conflict,,,no day is accepted"]
    frame = disputes(write_ledger(tmp_path / "p", said))
    assert frame["accepted_value"].isna().tolist() == [True]
    assert frame["other_by"].tolist() == ["2020-07-14: Weekly"]
    assert (frame["accepted_origins"].tolist(), frame["other_origins"].tolist()) == ([0], [1])


def test_without_conflicts_the_disputes_are_an_empty_typed_frame(tmp_path: Path) -> None:
    frame = disputes(write_ledger(tmp_path / "p", CLAIMS[1:4]))
    assert len(frame) == 0
    assert [str(dtype) for dtype in frame.dtypes] == ["str"] * 7 + ["Int64"] * 2


def test_the_shipped_disputes_are_the_cells_with_a_conflict_claim() -> None:
    claims = open(ROOT).load("claims")
    conflict = claims[claims["status"] == "conflict"].fillna({"field": ""})
    found = disputes(ROOT).fillna({"field": ""})
    cells = set(zip(found["record_id"], found["field"], strict=True))
    assert cells == set(zip(conflict["record_id"], conflict["field"], strict=True))
    assert len(cells) == len(found)
    assert ("pat-m4-2020-07-14", "sequence") in cells
    assert set(found["table"]) <= set(open(ROOT).tables)


def test_the_shipped_counts_take_a_body_and_its_organs_as_one() -> None:
    found = disputes(ROOT).set_index(["record_id", "field"])
    row = found.loc[("inv-2020-07-14-turkish-side", "injured_best")]
    assert row["other_by"] == "1: OE Watch (US Army FMSO); act-ru-centre; act-ru-mod"
    assert row["other_origins"] == 2


def test_a_passage_hash_folds_white_space_and_the_forms_of_letters() -> None:
    composed, parted = (unicodedata.normalize(form, "Türkiye İdlib") for form in ("NFC", "NFD"))
    assert composed != parted
    expected = hashlib.sha256(composed.encode()).hexdigest()
    for text in (composed, parted, f"  {composed}\r\n", composed.replace(" ", "\u00a0 \t")):
        assert passage_hash(text) == expected
    for other in (composed.upper(), composed + ".", composed.replace(" ", "")):
        assert passage_hash(other) != expected


def test_paragraphs_are_the_lines_that_are_not_empty() -> None:
    assert paragraphs(TEXT) == [
        "First, a headline.",
        "Second paragraph with odd spaces.",
        "Third.",
    ]
    assert paragraphs(TEXT.replace("\n", "\r\n")) == paragraphs(TEXT)
    assert paragraphs(" \n\t\n") == []


def test_a_passage_is_verified_in_the_text_of_its_source_whatever_the_file_is_called(
    package: Path, archive: Path
) -> None:
    (check,) = verify_archive(archive, package=package)
    assert (check.claim_id, check.record_id, check.source_id) == ("clm-5", "t-1", "src-text")
    assert (check.locator, check.outcome, check.file) == ("p2", "verified", "any-name.txt")


def test_a_passage_that_fails_says_how(tmp_path: Path, archive: Path) -> None:
    found = outcomes(
        archive,
        tmp_path / "p",
        f"clm-1,t-1,day,2020-07-14,src-text,,accepted,p1,{SECOND},",
        f"clm-2,t-1,day,2020-07-14,src-text,,accepted,p4,{SECOND},",
        f"clm-3,t-1,day,2020-07-14,src-text,,accepted,p0,{SECOND},",
        f"clm-4,t-1,day,2020-07-14,src-plain,,accepted,p2,{SECOND},",
        f"clm-5,t-1,day,2020-07-14,src-text,,accepted,,{SECOND},",
        "clm-6,t-1,day,2020-07-14,src-text,,accepted,p2,,",
    )
    assert found == [
        ("clm-1", "mismatch", "any-name.txt"),
        ("clm-2", "no-paragraph", "any-name.txt"),
        ("clm-3", "no-paragraph", "any-name.txt"),
        ("clm-4", "no-text", None),
        ("clm-5", "no-paragraph", "any-name.txt"),
    ]


@pytest.mark.parametrize("locator", ["p2-3", "page 2", "p"])
def test_a_locator_that_is_no_paragraph_number_is_an_outcome_and_not_a_crash(
    tmp_path: Path, archive: Path, locator: str
) -> None:
    said = f"clm-1,t-1,day,2020-07-14,src-text,,accepted,{locator},{SECOND},"
    found = outcomes(archive, tmp_path / "p", said)
    assert found == [("clm-1", "no-paragraph", "any-name.txt")]


def test_a_changed_text_is_no_longer_the_text_of_the_source(package: Path, archive: Path) -> None:
    (archive / "any-name.txt").write_text(TEXT.replace("Third", "Fourth"), "utf-8")
    (check,) = verify_archive(archive, package=package)
    assert (check.outcome, check.file) == ("no-text", None)


def test_what_is_no_text_in_the_archive_is_passed_over(package: Path, archive: Path) -> None:
    (archive / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    (archive / "folder").mkdir()
    (check,) = verify_archive(archive, package=package)
    assert check.outcome == "verified"


def test_an_archive_without_texts_is_refused(package: Path, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="missing: is no folder of texts"):
        verify_archive(tmp_path / "missing", package=package)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(PackageError, match="empty: holds no UTF-8 text"):
        verify_archive(tmp_path / "empty", package=package)


@pytest.mark.skipif(
    "IDLIB_ARCHIVE" not in os.environ and not ARCHIVE.is_dir(),
    reason="the founding texts are not published; set IDLIB_ARCHIVE to their folder",
)
def test_every_hashed_passage_of_the_shipped_ledger_stands_in_the_founding_texts() -> None:
    checks = verify_archive(ARCHIVE, package=ROOT)
    assert [check for check in checks if check.outcome != "verified"] == []
    hashed = open(ROOT).load("claims")["passage_sha256"].notna().sum()
    assert len(checks) == hashed > 400
    used = Counter(check.file for check in checks)
    assert len(used) == 5
    assert len({check.source_id for check in checks}) == 5
