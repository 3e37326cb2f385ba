"""Strongly connected components, against the plain meaning: a way leads there and back."""

from __future__ import annotations

import random

from idlib_data.validation.cycles import components


def reachable(edges: list[tuple[str, str]], start: str) -> set[str]:
    """What a way of at least one edge leads to."""
    found: set[str] = set()
    ahead = [b for a, b in edges if a == start]
    while ahead:
        node = ahead.pop()
        if node not in found:
            found.add(node)
            ahead += [b for a, b in edges if a == node]
    return found


def test_two_nodes_are_in_one_component_when_a_way_leads_there_and_back() -> None:
    chance = random.Random(1)
    for size in range(1, 60):
        nodes = [f"n{number}" for number in range(1 + size // 3)]
        edges = [(chance.choice(nodes), chance.choice(nodes)) for _ in range(size)]
        found = components(edges)
        ways = {node: reachable(edges, node) for node in found}
        for a, b in edges:
            assert (found[a] == found[b]) == (a == b or (b in ways[a] and a in ways[b]))


def test_a_chain_longer_than_the_stack_has_a_component_for_each_node() -> None:
    chain = [(f"n{number}", f"n{number + 1}") for number in range(100_000)]
    assert len(set(components(chain).values())) == 100_001


def test_a_long_circle_is_one_component() -> None:
    circle = [(f"n{number}", f"n{(number + 1) % 50_000}") for number in range(50_000)]
    assert len(set(components(circle).values())) == 1


def test_no_edges_have_no_components() -> None:
    assert components([]) == {}
