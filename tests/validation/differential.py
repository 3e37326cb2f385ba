"""Small packages of random shape, damaged at random, and layer 1 run both ways over them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from idlib_data.dataset import Dataset
from idlib_data.validation import judge, structure
from idlib_data.validation.plain import PLAIN_DIALECT, PROFILE, is_plain
from idlib_data.validation.report import Problem
from idlib_data.validation.workspace import Workspace

Record = list[str]
Descriptor = dict[str, Any]

PATTERNS: dict[str, tuple[str, ...]] = {
    "^(?:[a-z]{3}-[a-z0-9]+(?:-[a-z0-9]+)*)$": ("act-a", "loc-b-2", "evt-2020-07-14"),
    "(?:[01][0-9]|2[0-3]):[0-5][0-9]": ("00:00", "23:59", "09:30"),
    "a|b|cd": ("a", "b", "cd"),
    "(?:x|y)*z?": ("", "z", "xyz", "yyyy"),
    "a$|^b$": ("a", "b"),
    "(?:ab)+?(?:c{2}){1,3}": ("abcc", "ababcccc"),
    "[a-c_ -]+#?": ("a b", "_-", "c#"),
    r"p\.[0-9]+(?:/[0-9]+)?": ("p.1", "p.12/3"),
    r"https?://[^\s]+": ("https://a.example/x", "http://ü.example"),
    r"\d+": ("1", "22"),
    r"\w+\b": ("word", "Ärger"),
    r"\D+": ("no digits", "ü"),
    r"\S\W?": ("é!", "-"),
    "[^0-9]*": ("no digits", "ü"),
    "(?i:kelvin|s)": ("kelvin", "KELVIN", "s"),
    "a++b": ("ab", "aab"),
    "(?:[a-z]++)?1?": ("abc", "1"),
    "n{1,1001}": ("n", "nn"),
    "(?:mn{0,900}){1,900}": ("m", "mnm"),
    "(?s:.)": ("q", "é"),
    "": ("",),
}
"""Pattern -> cells that match it; all compile, several mean another thing to RE2, or nothing."""

BOUNDS = ((None, None), (0, None), (None, 38), (-90, 90), (1, 1), (-180, 180), (10**15, None))
CODES = ("one-way", "joint", "refused", "مشترك", "a,b", 'say "no"', " padded ", "two\nlines")

ODD = (
    *("2020-1-1", "2020-02-30", "2020-02-29", "0000-01-01", "0001-01-01", "9999-12-31"),
    *("2020-01-01\n", " 2020-01-01", "20200101", "2020-W01-1", "٢٠٢٠-٠١-٠١", "2020-01-01T00:00"),
    *(" 5", "5 ", "+5", "-0", "1_000", "٥", "５", "5\n", "01", "1.", ".5", "5.0", "0x10", "--5"),
    *("NaN", "nan", "INF", "-INF", "Infinity", "1e3", "1E400", "-1e-400", "1_0.5"),
    *("38.00000000000000001", "37.99999999999999999", "38", "38.0", "90", "-90", "-90.0000001"),
    *("999999999.999999", "1000000000.5", "9999999999999999", "10000000000000000", "9" * 400),
    *("TRUE", "True", "true", "1", "0", "yes", "false ", "FALSE", "tRUE", "None", "null", "NA"),
    *(" ", "   ", "\t", "\u00a0", "\u200b", "\ufeff", "\u2028", "\x1f", "\x00", "a\x00b", "\x85"),
    *("two\nlines", "two\r\nlines", "a\rb", "\r", "\n", "a\n", "b\n", "z\n", "a\r", "\nact-a"),
    *('"', '""', 'say "no"', '"quoted"', "a,b", ",", "'", "a;b", "a|b", "\\", "\\n", "=1+1"),
    *("axx", "xb", "xcd", "A", "B", "Kelvin", "kElvin", "\u212aelvin", "ſ", "S", "aab", "word!"),
    *("cafe\u0301", "café", "\U0001f3f3\ufe0f", "\ud7ff", "\ufffd", "\uffff", "\U0010ffff", "ﬁ"),
    *("the same as in the row at position 3", 'not found in the lookup table "t0-keys"', "%s %d"),
    *("n" * 1001, "n" * 1002, "m" * 2000, "a" * 80, "é" * 80),
)
"""Cells on which readers of dates, numbers, patterns or CSV files are known to differ."""


@dataclass
class Package:
    """Tables to be written: the schemas, and of each table the header and the records."""

    schemas: dict[str, Descriptor]
    records: dict[str, list[Record]]
    inline: bool = False
    crlf: bool = False
    damage: dict[str, Callable[[bytes], bytes | None]] = field(default_factory=dict)

    def write(self, root: Path) -> Path:
        """Write the package into a folder, the files of some tables damaged."""
        (root / "data").mkdir(parents=True, exist_ok=True)
        for table, records in self.records.items():
            content: bytes | None = to_csv(records, "\r\n" if self.crlf else "\n")
            if table in self.damage and content is not None:
                content = self.damage[table](content)
            if content is not None:
                (root / "data" / f"{table}.csv").write_bytes(content)
        descriptor = package_descriptor(self.schemas, inline=self.inline)
        for table, schema in self.schemas.items():
            (root / f"{table}.json").write_text(json.dumps(schema), encoding="utf-8")
        (root / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
        return root


def package_descriptor(schemas: dict[str, Descriptor], *, inline: bool = False) -> Descriptor:
    """A descriptor with no more in it than `plain` knows."""
    return {
        "$schema": PROFILE + "datapackage.json",
        "name": "small",
        "title": "A small package",
        "version": "1.0.0",
        "resources": [
            {
                "name": table,
                "type": "table",
                "path": f"data/{table}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {**PLAIN_DIALECT},
                "schema": schema if inline else f"{table}.json",
            }
            for table, schema in schemas.items()
        ],
    }


def column(name: str, kind: str = "string", **constraints: object) -> Descriptor:
    """The descriptor of a column, with properties of the project's own."""
    examples = {"string": "x", "integer": 1, "number": 1.5, "date": "2020-01-01", "boolean": True}
    return {
        "name": name,
        "title": name.title(),
        "description": "A column.",
        "type": kind,
        "format": "default",
        "constraints": constraints,
        "example": examples[kind],
        "evidence": "none",
        "unit": "km",
    }


def schema(
    columns: Sequence[Descriptor], key: str, links: Sequence[tuple[str, str, str]] = ()
) -> Descriptor:
    """A Table Schema; a link is a column, a table (empty: the table itself) and its column."""
    keys = [
        {"fields": name, "reference": {"resource": table, "fields": target}}
        for name, table, target in links
    ]
    content = {"$schema": PROFILE + "tableschema.json", "fields": [*columns], "primaryKey": key}
    return {**content, "foreignKeys": keys} if keys else content


def to_csv(records: Sequence[Record], end: str = "\n") -> bytes:
    """Records as CSV, quoted where a reader could take a cell for something else."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    quoted = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    for record in records:
        special = any("\r" in cell or "\n" in cell for cell in record)
        (quoted if special else writer).writerow(record)
    return text.getvalue().encode("utf-8")


@dataclass(frozen=True)
class Trap:
    """Cells of one column that are easily taken for right, or for wrong."""

    name: str
    column: Descriptor
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    rule: str = "type-error"


def pattern_trap(pattern: str, accepted: tuple[str, ...], rejected: tuple[str, ...]) -> Trap:
    return Trap(pattern, column("c", pattern=pattern), accepted, rejected, "constraint-error")


TRAPS = (
    Trap(
        "dates",
        column("c", "date"),
        ("2020-1-1", "2020-02-29", "0001-01-01", "", "２０２０-01-01"),
        (
            "2020-02-30",
            "2021-02-29",
            "0000-01-01",
            "20200101",
            "2020-01-01\n",
            " 2020-01-01",
            "٢٠٢٠-٠١-٠١",
        ),
    ),
    Trap(
        "integers",
        column("c", "integer"),
        (" 5", "5\n", "+5", "-0", "01", "1_000", "٥", "５", "9" * 400),
        ("5.0", "1e3", "NaN", "0x10", "--5", " ", "1,000", "five"),
    ),
    Trap(
        "integers out of bounds",
        column("c", "integer", minimum=0, maximum=38),
        ("0", "38", "-0", " 38 ", "٣٨"),
        ("-1", "39", "٣٩", "9" * 16, "9" * 17),
        "constraint-error",
    ),
    Trap(
        "numbers",
        column("c", "number"),
        ("NaN", "INF", "-INF", "1e3", "1E400", "1_0.5", ".5", "1.", "+1", "٣.٥", " 1 "),
        ("1,5", "1.2.3", "one", "0x1p3", " ", "1 000"),
    ),
    Trap(
        "numbers out of bounds",
        column("c", "number", minimum=-90, maximum=38),
        ("38", "38.0", "-90", "-90.000000", "37.99999999999999999", "٣٨", "1e1"),
        ("38.00000000000000001", "-90.0000000000000001", "INF", "-INF", "1e3", "39"),
        "constraint-error",
    ),
    Trap(
        "numbers without a greatest",
        column("c", "number", minimum=0),
        ("INF", "1E400", "0", "-0", "0.0", "9" * 400),
        ("NaN", "-INF", "-0.000001", "-1e-400"),
        "constraint-error",
    ),
    Trap(
        "truth",
        column("c", "boolean"),
        ("true", "false", "TRUE", "True", "1", "0", ""),
        ("yes", "tRUE", " true", "true\n", "None", "2", " "),
    ),
    Trap(
        "codes",
        column("c", enum=["one", "a,b", "two\nlines", "cafe\u0301", " padded "]),
        ("one", "a,b", "two\nlines", "cafe\u0301", " padded ", ""),
        ("One", "one ", "one\n", "café", "padded", "two\r\nlines"),
        "constraint-error",
    ),
    Trap(
        "lengths",
        column("c", maxLength=3),
        ("abc", "\U0001f3f3\ufe0f!", "a\nb", "\x00\x00\x00"),
        ("abcd", "a\r\nb", "e\u0301e\u0301", "    ", "n" * 200_000),
        "constraint-error",
    ),
    pattern_trap("a|b|cd", ("a", "axx", "a\n", "b", "bx", "cd", "cd\n"), ("xb", "xcd", "c", "A")),
    pattern_trap("a$|^b$", ("a", "b", "a\n", "b\n"), ("ab", "a\n\n", "\nb")),
    pattern_trap("[a-c]+", ("abc", "abc\n"), ("abc\r", "abc\r\n", "abcd", "ａ", "\u200babc")),
    pattern_trap(r"\d+", ("12", "٥", "５"), ("1a", "²")),
    pattern_trap(r"\D+", ("a", "\n", "²"), ("5", "a1", "٥", "５")),
    pattern_trap(r"\S\W?", ("a", "a\u00a0"), ("\u00a0", "\u2003!", "aé", "a٥")),
    pattern_trap(r"[^\s]\b", ("a", "٥"), ("!", "\x1c")),
    pattern_trap("[^0-9]*", ("٥", "\n", "é"), ("5", "a1")),
    pattern_trap("(?i:kelvin|s)", ("KELVIN", "\u212aelvin", "ſ"), ("kelvi", "ss")),
    pattern_trap("a++b", ("ab", "aab"), ("b", "a")),
    pattern_trap("(?:a++)?a?", ("a", "aaa"), ("b", "aab")),
    pattern_trap("n{1,1001}", ("n", "n" * 1001), ("n" * 1002, "nm")),
    pattern_trap("(?:mn{0,900}){1,900}", ("m", "mn" * 400), ("mo", "nm")),
    pattern_trap("(?s:.)", ("\n", "é"), ("ab", "e\u0301")),
    pattern_trap("", ("", "\n"), ("a", " ")),
)
"""Of each column first the cells that frictionless takes, then those that it does not."""


def random_package(rng: random.Random, rows: int = 60) -> Package:
    """Two to four tables, each pointing to those before it and now and then to itself."""
    schemas: dict[str, Descriptor] = {}
    records: dict[str, list[Record]] = {}
    for number in range(rng.randint(2, 4)):
        table = f"t{number}"
        key = column("id", required=rng.random() < 0.5, maxLength=60)
        columns = [key, *(_random_column(rng, at) for at in range(rng.randint(1, 7)))]
        links = []
        for at in range(rng.randint(0, 3)):
            target = rng.choice(["", "", table, *schemas, *schemas])
            fields = schemas[target]["fields"] if target in schemas else columns[:1]
            texts = [f["name"] for f in fields if f["type"] == "string"]
            links.append((f"link{at}", target, rng.choice(["id", "id", *texts])))
            columns.append(column(f"link{at}", required=rng.random() < 0.2))
        rng.shuffle(columns)
        count = rng.choice([0, 1, 5, rows, rows, rows])
        schemas[table] = schema(columns, "id", links)
        records[table] = _random_records(rng, table, schemas, records, count)
    return Package(schemas, records, inline=rng.random() < 0.3, crlf=rng.random() < 0.2)


def _random_column(rng: random.Random, at: int) -> Descriptor:
    kind = rng.choice(["string", "string", "string", "integer", "number", "date", "boolean"])
    constraints: Descriptor = {}
    if rng.random() < 0.4:
        constraints["required"] = rng.random() < 0.8
    if kind in ("integer", "number"):
        bounds = zip(("minimum", "maximum"), rng.choice(BOUNDS), strict=True)
        constraints |= {name: bound for name, bound in bounds if bound is not None}
    if kind == "string":
        if rng.random() < 0.3:
            constraints["enum"] = rng.sample(CODES, rng.randint(1, len(CODES)))
        elif rng.random() < 0.8:
            constraints["pattern"] = rng.choice(list(PATTERNS))
        if rng.random() < 0.4:
            constraints["maxLength"] = rng.choice([0, 3, 80, 1000])
    return column(f"c{at}", kind, **constraints)


def _random_records(
    rng: random.Random,
    table: str,
    schemas: dict[str, Descriptor],
    records: dict[str, list[Record]],
    count: int,
) -> list[Record]:
    """Records in which all keys are distinct, and most cells right."""
    links = {key["fields"]: key["reference"] for key in schemas[table].get("foreignKeys", [])}
    rows = [[f["name"] for f in schemas[table]["fields"]]]
    ids = [f"{table}-{number}" for number in range(count)]
    for own in ids:
        row = []
        for described in schemas[table]["fields"]:
            name = described["name"]
            if name == "id":
                row.append(own)
            elif name in links:
                target, wanted = links[name]["resource"], links[name]["fields"]
                known = ids
                if target in records and target != table:
                    at = records[target][0].index(wanted)
                    known = [record[at] for record in records[target][1:]]
                row.append(rng.choice([*known, ""]))
            else:
                row.append(_good_cell(rng, described))
        rows.append(row)
    return rows


def _good_cell(rng: random.Random, described: Descriptor) -> str:
    constraints = described["constraints"]
    if not constraints.get("required") and rng.random() < 0.2:
        return ""
    if described["type"] == "string":
        good = constraints.get("enum") or PATTERNS.get(constraints.get("pattern"), ("x", "text"))
        return str(rng.choice(good))
    low, high = constraints.get("minimum", 0), constraints.get("maximum", 10**15 + 9)
    cells = {
        "integer": str(rng.randint(low, high)),
        "number": rng.choice([f"{min(low + 0.25, high):.6f}", str(low)]),
        "date": f"2020-0{rng.randint(1, 9)}-{rng.randint(10, 28)}",
        "boolean": rng.choice(["true", "false"]),
    }
    return cells[described["type"]]


def damage(rng: random.Random, package: Package, rate: float) -> None:
    """Spoil a share of the rows: cells, keys, their length; the header stays as it is."""
    for table, (header, *rows) in package.records.items():
        spoiled = [header]
        key = header.index("id")
        for row in rows:
            spoiled.append(row)
            if rng.random() > rate:
                continue
            at = rng.randrange(len(row))
            match rng.randrange(12):
                case 0:
                    row[key] = rng.choice([f"{table}-{number}" for number in range(3)])
                case 1:
                    row[key] = ""
                case 2:
                    del row[at:]
                case 3:
                    row += rng.choices(["", "", "x", *ODD], k=rng.randint(1, 3))
                case 4:
                    spoiled.append([])
                case 5:
                    spoiled.append([""] * rng.randint(1, len(header) + 2))
                case 6:
                    spoiled.append([*row])
                case 7:
                    row[at] = row[at] + rng.choice(["\n", " ", "\r", "x", "0"])
                case _:
                    row[at] = rng.choice(ODD)
        package.records[table] = spoiled


FILE_DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "missing file": lambda content: None,
    "empty file": lambda content: b"",
    "one empty line": lambda content: b"\n",
    "header only": lambda content: content.splitlines(keepends=True)[0],
    "header without end": lambda content: content.splitlines()[0],
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "carriage returns and newlines": lambda content: content.replace(b"\n", b"\r\n"),
    "carriage returns": lambda content: content.replace(b"\n", b"\r"),
    "no final newline": lambda content: content.rstrip(b"\r\n"),
    "blank lines at the end": lambda content: content + b"\n\n\n",
    "comma rows at the end": lambda content: content + b",\n,,,,,,,,,,,\n",
    "bytes that are no UTF-8": lambda content: content + b"\xff\xfe,b\n",
    "bytes that are no UTF-8 in a full row": lambda content: (
        content + b"\xe9" + b"," * content.splitlines()[0].count(b",") + b"\n"
    ),
    "a surrogate": lambda content: content + b"\xed\xa0\x80\n",
    "a surrogate in a full row": lambda content: (
        content + b"\xed\xa0\x80" + b"," * content.splitlines()[0].count(b",") + b"\n"
    ),
    "unclosed quote": lambda content: content + b'x,"y\n1,2\n',
    "NUL": lambda content: content + b"\0,\0\n",
    "stray quotes": lambda content: content + b'a"b,"c"d, "e"\n"a""b"c\n',
    "duplicate label": lambda content: content.replace(b"c0", b"id", 1),
    "unknown label": lambda content: content.replace(b"c0", b"zz", 1),
    "empty label": lambda content: content.replace(b"c0", b"", 1),
    "padded label": lambda content: content.replace(b"c0", b" c0 ", 1),
    "extra label": lambda content: content.replace(b"c0", b"c0,zz", 1),
    "missing label": lambda content: content.replace(b"c0,", b"", 1).replace(b",c0", b"", 1),
    "reversed labels": lambda content: (
        b",".join(content.splitlines()[0].split(b",")[::-1]) + b"\n" + content.partition(b"\n")[2]
    ),
    "leading blank line": lambda content: b"\n" + content,
}
"""What can befall a file as a whole; None takes it away."""


@dataclass(frozen=True)
class Verdicts:
    """What layer 1 says of a package, both ways, and whether the screen was of any use."""

    screened: list[Problem]
    whole: list[Problem]
    fell_back: bool


def both_ways(root: Path) -> Verdicts:
    """Run layer 1 with the screen and without it; the package has to be plain."""
    assert is_plain(Dataset(root)), "frictionless would be compared with itself"
    with patch.object(judge, "whole", wraps=judge.whole) as whole:
        screened = [*structure.check(Workspace(Dataset(root)), screened=True)]
        fell_back = whole.called
    unscreened = [*structure.check(Workspace(Dataset(root)), screened=False)]
    return Verdicts(screened, unscreened, fell_back)
