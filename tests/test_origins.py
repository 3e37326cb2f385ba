"""Whose voice an origin is: organs count for their body, up to what is no body any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from idlib_data.dataset import Dataset
from idlib_data.origins import APART, GOVERNMENT, UMBRELLAS, Voices
from tests.mini import make_mini, make_package, put, text_columns

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    return make_mini(tmp_path / "mini")


def actor(package: Path, name: str, kind: str, parent: str = "") -> None:
    put(package, "actors", name, name=name.title(), kind=kind, parent_actor_id=parent)


def voices(package: Path) -> Voices:
    return Voices.of(Dataset(package))


def test_the_kinds_that_the_rules_name_are_kinds_of_the_schema() -> None:
    kinds = Dataset(ROOT).schema("actors").field("kind").enum
    assert {*UMBRELLAS, *APART, GOVERNMENT} <= set(kinds)


@pytest.mark.parametrize(
    ("origin", "voice"),
    [
        ("act-zhuravlev", "act-ru-mod"),
        ("act-ru-centre", "act-ru-mod"),
        ("act-ru-mod", "act-ru-mod"),
        ("act-akar", "act-tr-mod"),
        ("act-tr-mod", "act-tr-mod"),
        ("act-tr-forces", "act-tr-forces"),
        ("act-peskov", "act-kremlin"),
        ("act-lavrov", "act-lavrov"),
        ("act-russia", "act-russia"),
        ("act-julani", "act-hts"),
        ("act-sohr", "act-sohr"),
        ("act-un-coi", "act-un-coi"),
        ("act-nlf-source-2020-09", "act-nlf-source-2020-09"),
        # Nothing stands above this government, so it is in the place of a state, for all sides
        # alike: its forces count apart from it, as the Russian and Turkish ones do.
        ("act-sy-forces", "act-sy-forces"),
        ("act-suheil-al-hassan", "act-sy-forces"),
    ],
)
def test_a_shipped_actor_counts_for_the_topmost_body_it_speaks_for(origin: str, voice: str) -> None:
    assert voices(ROOT).voice(origin) == voice


def test_an_organ_is_heard_as_the_body_below_the_state(mini: Path) -> None:
    actor(mini, "act-centre", "body", "act-ru-mod")
    actor(mini, "act-head", "office-holder", "act-centre")
    found = voices(mini)
    assert {found.voice(name) for name in ("act-head", "act-centre", "act-ru-mod")} == {
        "act-ru-mod"
    }
    assert found.voice("act-russia") == "act-russia"


@pytest.mark.parametrize("kind", UMBRELLAS)
def test_what_stands_under_an_umbrella_counts_for_itself(mini: Path, kind: str) -> None:
    actor(mini, "act-roof", kind)
    actor(mini, "act-member", "body", "act-roof")
    assert voices(mini).voice("act-member") == "act-member"


def test_a_government_is_an_umbrella_only_where_nothing_stands_above_it(mini: Path) -> None:
    actor(mini, "act-cabinet", "government")
    actor(mini, "act-office", "ministry", "act-cabinet")
    assert voices(mini).voice("act-office") == "act-office"
    actor(mini, "act-cabinet", "government", "act-turkey")
    assert voices(mini).voice("act-office") == "act-cabinet"


@pytest.mark.parametrize("kind", APART)
def test_who_is_no_organ_counts_for_itself_and_not_for_what_stands_above(
    mini: Path, kind: str
) -> None:
    actor(mini, "act-apart", kind, "act-ru-mod")
    found = voices(mini)
    assert found.voice("act-apart") == "act-apart"
    assert "act-apart" not in found.organs("act-ru-mod")


def test_a_publisher_of_an_actors_name_is_that_actor(mini: Path) -> None:
    found = voices(mini)
    assert found.voice("Ministry of Defence of Russia") == "act-ru-mod"
    assert found.voice("Example Daily") == "Example Daily"


def test_a_name_that_two_actors_bear_stands_for_neither(mini: Path) -> None:
    put(mini, "actors", "act-double", name="Turkey", kind="media")
    assert voices(mini).voice("Turkey") == "Turkey"


def test_the_organs_of_a_state_are_all_below_it_with_their_names(mini: Path) -> None:
    actor(mini, "act-centre", "body", "act-ru-mod")
    assert voices(mini).organs("act-russia") == {
        "act-russia",
        "Russia",
        "act-ru-mod",
        "Ministry of Defence of Russia",
        "act-centre",
        "Act-Centre",
    }
    assert voices(mini).organs("act-centre") == {"act-centre", "Act-Centre"}
    assert voices(mini).organs("Example Daily") == {"Example Daily"}


def test_parents_in_a_circle_or_without_a_row_end_the_way_up(mini: Path) -> None:
    actor(mini, "act-a", "body", "act-b")
    actor(mini, "act-b", "body", "act-a")
    actor(mini, "act-c", "body", "act-missing")
    found = voices(mini)
    assert (found.voice("act-a"), found.voice("act-b")) == ("act-b", "act-a")
    assert found.voice("act-c") == "act-c"
    assert {"act-a", "act-b"} <= found.organs("act-a")


@pytest.mark.parametrize(
    ("columns", "rows", "voice"),
    [
        (("actor_id",), "act-a\n", "act-a"),
        (("actor_id", "parent_actor_id"), "act-a,act-b\nact-b,\n", "act-b"),
        (("actor_id", "kind"), "act-a,body\n", "act-a"),
    ],
)
def test_columns_that_a_package_lacks_tie_nobody(
    tmp_path: Path, columns: tuple[str, ...], rows: str, voice: str
) -> None:
    schema = {"fields": text_columns(*columns), "primaryKey": "actor_id"}
    package = make_package(tmp_path / "own", actors=(schema, ",".join(columns) + "\n" + rows))
    assert voices(package).voice("act-a") == voice


def test_without_actors_every_origin_speaks_for_itself(tmp_path: Path) -> None:
    keyless = ({"fields": text_columns("actor_id")}, "actor_id\nact-a\n")
    other = make_package(tmp_path / "other", things=keyless)
    for package in (other, make_package(tmp_path / "own", actors=keyless)):
        assert voices(package).voice("act-a") == "act-a"
        assert voices(package).organs("act-a") == {"act-a"}
