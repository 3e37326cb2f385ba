"""Whose voice an origin is: a spokesman, his body and the ministry above it speak as one.

An origin is an actor, or the name of a publisher. A publisher that bears the name of an actor is
that actor. An actor is heard as the one above it in ``actors.parent_actor_id``, and so on upwards,
up to what is no body any more but stands over several that speak for themselves: a state, a
coalition, an international organisation, a government with nothing above it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from idlib_data.dataset import Dataset

UMBRELLAS = ("coalition", "international-organisation", "state")
"""Kinds of actors that stand over several bodies, each of which speaks for itself."""

GOVERNMENT = "government"
"""Kind of actor that is an umbrella where nothing stands above it, for then it is in the place of
a state; else it is an organ, such as a presidency."""

APART = ("civilians", "coalition", "person-unnamed")
"""Kinds of actors that may belong to another one and yet do not speak for it."""


@dataclass(frozen=True)
class Voices:
    """The actors of a package as those who speak.

    Attributes:
        kinds: Actor -> its kind, empty where none is given.
        above: Actor -> the actor it belongs to.
        named: Name that one actor alone bears -> that actor.
    """

    kinds: dict[str, str]
    above: dict[str, str]
    named: dict[str, str]

    @classmethod
    def of(cls, dataset: Dataset) -> Voices:
        """Read them; a package may lack the table, or any of the columns that tie the actors."""
        if "actors" not in dataset.tables or (key := dataset.schema("actors").key) is None:
            return cls({}, {}, {})
        frame = dataset.arrow("actors")

        def column(name: str) -> list[Any]:
            given = name in frame.column_names
            return frame[name].to_pylist() if given else [None] * frame.num_rows

        ids, names = column(key), column("name")
        borne = Counter(names)
        return cls(
            {actor: kind or "" for actor, kind in zip(ids, column("kind"), strict=True)},
            {a: over for a, over in zip(ids, column("parent_actor_id"), strict=True) if over},
            {name: a for a, name in zip(ids, names, strict=True) if name and borne[name] == 1},
        )

    def actor(self, origin: str) -> str | None:
        """The actor that an origin is, by its id or else its name, or None."""
        return origin if origin in self.kinds else self.named.get(origin)

    def voice(self, origin: str) -> str:
        """The topmost actor for whom the origin speaks; an origin that is no actor stays itself."""
        found = self.actor(origin)
        if found is None:
            return origin
        seen = {found}
        while (over := self._speaks_for(found)) and over not in seen and not self._umbrella(over):
            seen.add(over)
            found = over
        return found

    def organs(self, actor: str) -> set[str]:
        """An actor and all that speak for it, through any number of steps, umbrella or not.

        Returns:
            Their ids, and the names under which they are publishers.
        """
        found, fresh = {actor}, {actor}
        while fresh:
            fresh = {under for under in self.above if self._speaks_for(under) in fresh} - found
            found |= fresh
        return found | {name for name, bearer in self.named.items() if bearer in found}

    def _speaks_for(self, actor: str) -> str | None:
        """The actor right above, where this one is an organ of it and the table knows it."""
        over = self.above.get(actor)
        return over if over in self.kinds and self.kinds[actor] not in APART else None

    def _umbrella(self, actor: str) -> bool:
        kind = self.kinds[actor]
        return kind in UMBRELLAS or (kind == GOVERNMENT and actor not in self.above)
