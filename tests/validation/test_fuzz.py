"""Damaged packages of every kind give a report, in bounded time, and never an exception.

Set IDLIB_DATA_FUZZ to a number to damage that many packages instead of a few dozen.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from idlib_data.validation import Report, validate
from tests.mini import make_package
from tests.validation.differential import column, schema

SEEDS = int(os.environ.get("IDLIB_DATA_FUZZ", "120"))
LIMIT = 60
"""Seconds a package may take: a hundred times what it does. Beyond, all stacks are told, and the
test run ends: a loop in C cannot be stopped in any gentler way."""

Node = tuple[Any, Any]
"""A list or an object of a descriptor, and the index or key of one thing in it."""

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**30, 10**400, 1.5, float("nan"), float("inf"), "", " ", "\0"),
    *([], {}, [[]], [{}], [None], {"": None}, {"$ref": "#"}, "x" * 5000, "é\u202e", "\ud800"),
    *("'; DROP TABLE a; --", '"', "select", "../x", "https://a.example/x", "(a+)+$", "[", "any"),
    *("string", "number", "integer", "date", "boolean", "any", "geopoint", "yearmonth", "array"),
    *("required", "claims", "posts", "id", "_row", "utf-16", "\n", "\t", ";"),
)
BYTES = (
    b"\0",
    b"\xff",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"sNaN",
    b"NaN",
    b"1e999",
)


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    """Ends a run that hangs."""
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def sound(folder: Path) -> Path:
    """A package with keys, links and a ledger, its schemas in files of their own."""
    actors = schema(
        [column("actor_id", required=True, pattern="act-[a-z]+"), column("parent_actor_id")],
        "actor_id",
        [("parent_actor_id", "", "actor_id")],
    )
    events = schema(
        [
            column("event_id", required=True),
            column("date_start", "date"),
            {**column("date_end", "date"), "atLeast": ["date_start"]},
            {**column("event_type", enum=["attack", "talks"]), "evidence": "required"},
            {**column("killed", "integer", minimum=0), "requires": ["date_start"]},
            column("height", "number", minimum=-400, maximum=9000),
            column("actor_id", maxLength=20),
        ],
        "event_id",
        [("actor_id", "actors", "actor_id")],
    )
    names = ("record_id", "field", "value", "source_id", "attributed_to", "status", "note")
    claims = schema([column("claim_id", required=True), *map(column, names)], "claim_id")
    claims["fields"][1]["references"] = "any"
    package = make_package(
        folder,
        actors=(actors, "actor_id,parent_actor_id\nact-a,\nact-b,act-a\n"),
        events=(
            events,
            "event_id,date_start,date_end,event_type,killed,height,actor_id\n"
            'e-1,2020-03-05,,attack,0,1.5,act-a\ne-2,2020-03-06,2020-03-07,talks,,-3,"act-b"\n',
        ),
        claims=(
            claims,
            f"claim_id,{','.join(names)}\nc-1,e-1,event_type,attack,s,act-a,accepted,\n"
            "c-2,e-2,event_type,attack,s,,conflict,why\n",
        ),
    )
    path = package / "datapackage.json"
    descriptor = json.loads(path.read_text("utf-8"))
    descriptor["$schema"] = "https://datapackage.org/profiles/2.0/datapackage.json"
    for resource in descriptor["resources"]:
        resource |= {"encoding": "utf-8", "dialect": {"header": True, "delimiter": ","}}
        (package / f"{resource['name']}.json").write_text(json.dumps(resource["schema"]), "utf-8")
        resource["schema"] = f"{resource['name']}.json"
    path.write_text(json.dumps(descriptor), "utf-8")
    return package


def nodes(tree: Any) -> list[Node]:
    """Everything in a descriptor, by what holds it."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found: list[Node] = []
    for key, value in items:
        found.append((tree, key))
        if isinstance(value, dict | list):
            found += nodes(value)
    return found


def damage_tree(rng: random.Random, tree: Any) -> None:
    """Swap, drop, repeat, move or bury one thing in a descriptor."""
    holder, key = rng.choice(nodes(tree) or [({}, "x")])
    kind = rng.randrange(6)
    if kind == 0 and isinstance(holder, dict):
        holder.pop(key, None)
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif kind == 2 and isinstance(holder, dict):
        holder[rng.choice(["$ref", "profile", "x", "constraints", "format", "data", "name"])] = (
            rng.choice(ODD)
        )
    elif kind == 3:
        for _ in range(rng.choice([3, 400, 5000])):
            holder[key] = [holder.get(key) if isinstance(holder, dict) else holder[key]]
    elif kind == 4 and (others := nodes(tree)):
        other, name = rng.choice(others)
        holder[key] = json.loads(text_of(other[name]))
    else:
        holder[key] = rng.choice(ODD)


def text_of(tree: Any) -> str:
    """JSON text, also of what is nested too deep for the writer."""
    try:
        return json.dumps(tree)
    except RecursionError:
        return "[" * 100_000


def damage_bytes(rng: random.Random, content: bytes) -> bytes:
    """Flip, insert, delete, repeat or cut bytes."""
    at = rng.randrange(len(content) + 1)
    length = rng.choice([1, 1, 2, 10, 1000])
    changes: list[Callable[[], bytes]] = [
        lambda: content[:at] + rng.randbytes(1) + content[at + 1 :],
        lambda: content[:at] + rng.choice(BYTES) + content[at:],
        lambda: content[:at] + content[at + length :],
        lambda: content[:at] + content[max(0, at - 30) : at] * length + content[at:],
        lambda: content[:at],
        lambda: content[:at] + rng.randbytes(length) + content[at:],
        lambda: content.decode("utf-8", "replace").encode("utf-16"),
    ]
    return rng.choice(changes)()


def damage(rng: random.Random, package: Path) -> None:
    """Damage one file of the package in one way."""
    path = rng.choice(sorted(p for p in package.rglob("*") if p.is_file()))
    if path.suffix == ".json" and rng.random() < 0.85:
        try:
            tree = json.loads(path.read_bytes())
            damage_tree(rng, tree)
        except (ValueError, RecursionError):
            return  # damaged before, so that it is no JSON any more
        path.write_text(text_of(tree), "utf-8")
    else:
        path.write_bytes(damage_bytes(rng, path.read_bytes()))


def test_the_package_to_be_damaged_is_judged_by_all_layers(tmp_path: Path) -> None:
    # Were it refused at once, nothing of what follows would reach the later layers.
    report = validate(sound(tmp_path / "package"))

    assert {problem.rule for problem in report.problems} == {
        "cell-without-evidence",
        "csv-quoting",
    }
    assert report.tables == {"actors": 2, "events": 2, "claims": 2}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_damaged_package_gives_a_report(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    package = sound(tmp_path / "package")
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        damage(rng, package)

    report = validate(package)

    assert isinstance(report, Report)
    # What is told can be told as JSON too.
    json.dumps(report.to_dict())
    assert all(problem.message for problem in report.problems)
