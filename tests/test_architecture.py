"""The cut of the package: imports run downwards, nothing heavy at import, small rooms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "idlib_data"
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] != "_bundle"
}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in FILES.items()}

LAYERS = {
    "cli": 7,
    "release": 6,
    "validation": 5,
    "queries": 5,
    "canonical": 5,
    "export": 5,
    "perspectives": 5,
    "ledger": 4,
    "origins": 3,
    "dataset": 2,
    "schema": 1,
    "tombstones": 1,
    "fetch": 1,
    "patterns": 0,
    "errors": 0,
}
"""First part of a module's name -> its layer; what a module imports lies in lower ones, or in its
own room."""

FRONT = {"__init__", "__main__"}
"""The names for users and the program's start: they may reach everywhere."""

HEAVY = {"pandas", "numpy", "pyarrow", "frictionless", "pandera", "duckdb", "rich"}

MODULE_LINES = 250
FUNCTION_LINES = 40
LONG: dict[str, str] = {
    "dataset": "half of it is overloads and docstrings of what users call; opening is one subject",
    "queries.filters": "most of it is the overloads and signatures of five functions users call",
    "schema": "the description of a column in every form; nothing in it stands alone",
    "validation.domain": "a list of rules, each with its query",
    "validation.examples": "a list with one entry per rule",
    "validation.judge": "frictionless over a whole package and over some rows, in one voice",
    "validation.reading:_split": "one pass over a file, whose steps share all their state",
}
"""What is over the size, as 'module' or 'module:function', and why it stays whole."""

each_module = pytest.mark.parametrize("name", FILES)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in (
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
    )


def running(tree: ast.AST, *, inside_functions: bool) -> Iterator[ast.AST]:
    """The nodes that run, without what only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if is_type_checking(node):
            continue
        yield node
        if inside_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from running(node, inside_functions=inside_functions)


def imported(tree: ast.AST, *, inside_functions: bool) -> Iterator[str]:
    """Full names of the modules that are imported, a name of a package as a module of it."""
    for node in running(tree, inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def all_imports(tree: ast.AST) -> Iterator[str]:
    """Everything imported, also what only a type checker sees: types have a direction too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return module.split(".")[0]


def size(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function with its signature and without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is not None:
        words = node.body[0]
        lines -= (words.end_lineno or words.lineno) - words.lineno + 1
    return lines


def oversize() -> dict[str, int]:
    found = {}
    for name, path in FILES.items():
        lines = len(path.read_text("utf-8").splitlines())
        if lines > MODULE_LINES:
            found[name] = lines
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = size(node)
                if lines > FUNCTION_LINES:
                    found[f"{name}:{node.name}"] = lines
    return found


@each_module
def test_a_module_belongs_to_a_room(name: str) -> None:
    assert room(name) in LAYERS.keys() | FRONT


@each_module
def test_imports_run_downwards_only(name: str) -> None:
    own = room(name)
    if own in FRONT:
        return
    inside = [full.split(".") for full in all_imports(TREES[name]) if room(full) == "idlib_data"]
    # A name of the package itself is the front for users, which reaches everywhere.
    rooms = {parts[1] for parts in inside if parts[1] != "__version__" or own != "cli"}
    wrong = {r for r in rooms if r != own and LAYERS.get(r, 99) >= LAYERS[own]}
    assert wrong == set()


@each_module
def test_only_the_command_line_knows_click_and_prints(name: str) -> None:
    if room(name) == "cli":
        return
    assert "click" not in {room(full) for full in all_imports(TREES[name])}
    calls = [ast.unparse(n.func) for n in ast.walk(TREES[name]) if isinstance(n, ast.Call)]
    assert {"print", "sys.stdout.write", "sys.stderr.write"} & set(calls) == set()
    # Ending the program is for the command line to decide as well.
    assert {"sys.exit", "exit", "quit", "os._exit"} & set(calls) == set()


@each_module
def test_no_heavy_library_is_imported_with_the_module(name: str) -> None:
    top = {room(full) for full in imported(TREES[name], inside_functions=False)}
    assert top & HEAVY == set()


def test_the_rules_above_see_what_they_are_to_see() -> None:
    # Guards the walkers: with these blind, every test above would pass.
    tree = ast.parse(
        "import pandas as pd\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import duckdb\n"
        "else:\n    pass\n"
        "try:\n    import rich.table\nexcept ImportError:\n    pass\n"
        "class A:\n    import numpy\n"
        "def f():\n    import pyarrow\n"
    )
    top = {room(full) for full in imported(tree, inside_functions=False)}
    assert top == {"pandas", "typing", "rich", "numpy"}
    everywhere = {room(full) for full in imported(tree, inside_functions=True)}
    assert everywhere == top | {"pyarrow"}
    assert "duckdb" in {room(full) for full in all_imports(tree)}
    function = ast.parse(
        'def f(\n    x,\n):\n    """One.\n\n    Two.\n    """\n    return x\n'
    ).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert size(function) == 4


def test_the_heavy_libraries_are_used_somewhere() -> None:
    used = {room(f) for tree in TREES.values() for f in imported(tree, inside_functions=True)}
    assert HEAVY - {"numpy"} <= used


def test_what_is_over_the_size_is_listed_with_its_reason() -> None:
    assert set(oversize()) == set(LONG), oversize()
    assert all(LONG.values())
    assert len(LONG) <= 7
