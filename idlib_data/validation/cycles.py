"""Circles among the records of a table, found in time that grows with their number alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def components(edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Node -> number of its strongly connected component.

    Two nodes are in one component when a way leads from each to the other, so an edge is part of a
    circle exactly when both its ends are in one.

    Args:
        edges: Pairs of start and end.

    Returns:
        The component of each node that is the start or the end of an edge.

    Method: R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing
    1(2), 1972; without recursion, for chains may be longer than Python's stack.
    """
    following: dict[str, list[str]] = {}
    for start, end in edges:
        following.setdefault(start, []).append(end)
        following.setdefault(end, [])
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    found: dict[str, int] = {}
    open_nodes: list[str] = []
    for root in following:
        if root in index:
            continue
        way: list[tuple[str, Iterator[str]]] = []
        ahead: str | None = root
        while ahead is not None or way:
            if ahead is not None:
                index[ahead] = low[ahead] = len(index)
                open_nodes.append(ahead)
                way.append((ahead, iter(following[ahead])))
            node, rest = way[-1]
            ahead = None
            for end in rest:
                if end not in index:
                    ahead = end
                    break
                if end not in found:
                    low[node] = min(low[node], index[end])
            if ahead is not None:
                continue
            way.pop()
            if way:
                low[way[-1][0]] = min(low[way[-1][0]], low[node])
            if low[node] == index[node]:
                while True:
                    member = open_nodes.pop()
                    found[member] = index[node]
                    if member == node:
                        break
    return found
