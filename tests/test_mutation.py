"""A small seeded sample of the mutation benchmark: damage is caught, careful edits are not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks import mutation
from benchmarks.mutants import judges
from benchmarks.mutants.model import HARMFUL, HARMLESS, Mutant, Place, Tables
from idlib_data.validation import Problem

SEED = 3
SAMPLE = 24
CAREFUL = 10


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables.read(mutation.ROOT)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mutation.copy_package(tmp_path_factory.mktemp("mutants"))


def sample() -> list[mutation.Job]:
    kinds = sorted(HARMFUL)
    random.Random(SEED).shuffle(kinds)
    return [mutation.Job("harmful", kind, f"{SEED} {kind}") for kind in kinds[:SAMPLE]]


def careful() -> list[mutation.Job]:
    return mutation.jobs("harmless", CAREFUL, SEED)


def kind_of(job: mutation.Job) -> str:
    return job.kind


@pytest.mark.parametrize("job", sample(), ids=kind_of)
def test_damage_is_caught_and_its_row_named(job: mutation.Job, copy: Path, tables: Tables) -> None:
    verdict = mutation.judge(copy, tables, job)
    assert verdict.caught, verdict.what
    assert verdict.row, (verdict.what, verdict.rules)


@pytest.mark.parametrize("job", careful(), ids=kind_of)
def test_a_careful_edit_is_no_fault(job: mutation.Job, copy: Path, tables: Tables) -> None:
    verdict = mutation.judge(copy, tables, job)
    assert verdict.rules == (), verdict.what


@pytest.mark.parametrize("registry", mutation.REGISTRIES)
def test_every_kind_can_be_made_and_changes_the_package(registry: str, tables: Tables) -> None:
    for job in mutation.jobs(registry, len(mutation.REGISTRIES[registry]), SEED):
        mutant = mutation.make(tables, job)
        sound = {path: (mutation.ROOT / path).read_bytes() for path in mutant.files}
        assert mutant.kind == job.kind
        assert any(content != sound[path] for path, content in mutant.files.items()), mutant.what


def test_the_same_seed_makes_the_same_mutant(tables: Tables) -> None:
    job = mutation.Job("harmful", "silent-edit", "1")
    assert mutation.make(tables, job) == mutation.make(tables, job)
    other = mutation.Job("harmful", "silent-edit", "2")
    assert mutation.make(tables, job) != mutation.make(tables, other)


def test_a_mutant_is_undone(copy: Path, tables: Tables) -> None:
    mutant = mutation.make(tables, mutation.Job("harmful", "file-empty", "1"))
    (path,) = mutant.files
    before = (copy / path).read_bytes()
    with mutation.applied(copy, mutant):
        assert (copy / path).read_bytes() == b""
    assert (copy / path).read_bytes() == before != b""


def problem(**place: object) -> Problem:
    values = {"rule": "type-error", "severity": "error", "message": "", **place}
    return Problem(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "row", "cell"),
    [
        ({"table": "events", "row": 5, "field": "date_start"}, True, True),
        ({"table": "events", "row": 5, "field": "title"}, True, False),
        ({"table": "events", "row": 6, "field": "date_start"}, False, False),
        ({"table": "patrols", "row": 5, "field": "date_start"}, False, False),
        ({"table": "events"}, False, False),
    ],
)
def test_a_problem_is_at_the_place_of_the_damage_or_not(
    place: dict[str, object], row: bool, cell: bool
) -> None:
    mutant = Mutant("silent-edit", {}, (Place("events", 5, "date_start"),))
    assert judges.located(mutant, (problem(**place),)) == (row, cell)


def test_a_vanished_record_is_found_by_its_id() -> None:
    mutant = Mutant("record-dropped", {}, names=frozenset({"evt-1"}))
    there = problem(table="claims", row=9, value="evt-1")
    assert judges.located(mutant, (there,)) == (True, True)
    assert judges.located(mutant, (problem(table="claims", row=9, value="evt-2"),)) == (
        False,
        False,
    )


@pytest.mark.parametrize(
    ("harmful", "harmless", "good"),
    [
        ((True, True), False, True),
        ((False, False), False, False),
        ((True, False), False, False),
        ((True, True), True, False),
    ],
)
def test_a_missed_target_fails_the_benchmark(
    harmful: tuple[bool, bool], harmless: bool, good: bool
) -> None:
    damage = mutation.Job("harmful", next(iter(HARMFUL)), "1")
    edit = mutation.Job("harmless", next(iter(HARMLESS)), "1")
    caught, row = harmful
    verdicts = [
        mutation.Verdict(damage, "", caught, row, row, ()),
        mutation.Verdict(edit, "", harmless, False, False, ()),
    ]
    assert mutation.passed(verdicts) is good
