"""Print which joint patrols were attacked: where, with what, who was hurt, who claimed it.

Everything is read through the public functions of the package; where the sources disagree, the
other versions follow with those who tell them.
"""

from __future__ import annotations

import textwrap

import pandas as pd

import idlib_data as idl

WIDTH = 96


def main() -> None:
    """Print one block per attacked patrol."""
    patrols = idl.patrols(outcome="attacked", series="m4-joint").sort_values("date")
    names = pd.concat(
        [
            idl.load(table).set_index(key)["name"]
            for table, key in (("actors", "actor_id"), ("locations", "location_id"))
        ]
    ).to_dict()
    disputes = idl.disputes()
    print(f"Attacked joint patrols on the M4: {len(patrols)}")
    for patrol in patrols.to_dict("records"):
        print(f"\nNo. {patrol['sequence']}, {patrol['date']:%d %B %Y}  ({patrol['patrol_id']})")
        attacks = idl.events(event_type="attack", patrol=patrol["patrol_id"])
        concerned = [patrol["patrol_id"], *attacks["event_id"]]
        for attack in attacks.to_dict("records"):
            involved = idl.load("event_actors").query("event_id == @attack['event_id']")
            concerned += list(involved["event_actor_id"])
            say("where", names.get(attack["location_id"], "not reported"))
            say("with", attack["weapon"])
            for target in involved[involved["role"] == "target"].to_dict("records"):
                say("hurt", f"{names[target['actor_id']]}: {casualties(target)}")
            for role, word in (("claimant", "claimed by"), ("accused", "blamed on")):
                told = involved[involved["role"] == role]["actor_id"].map(names)
                if len(told):
                    say(word, ", ".join(told))
        for dispute in disputes[disputes["record_id"].isin(concerned)].to_dict("records"):
            disagree(dispute, names)


def casualties(target: dict[str, object]) -> str:
    """What is reported of the killed and injured of one side."""
    told = []
    for kind in ("killed", "injured"):
        best, low = target[f"{kind}_best"], target[f"{kind}_low"]
        if not pd.isna(best):
            told.append(f"{best} {kind}")
        elif not pd.isna(low):
            told.append(f"at least {low} {kind}")
        else:
            told.append(f"{kind} not reported")
    return ", ".join(told)


def disagree(dispute: dict[str, object], names: dict[str, str]) -> None:
    """One cell on which sources disagree, with everyone who tells each version."""
    record, field = str(dispute["record_id"]), dispute["field"]
    about = "whether it happened" if pd.isna(field) else str(field)
    involved = dispute["table"] == "event_actors"
    if involved:
        row = idl.record(record).fields
        about = f"{names[row['actor_id']]}, {row['role']}: {about}"
    claims = idl.evidence(record, None if pd.isna(field) else str(field))
    if pd.isna(field):
        claims = claims[claims["field"].isna()]
    versions = []
    for (status, value), told in claims.groupby(["status", "value"], dropna=False, sort=True):
        if status in ("accepted", "conflict"):
            who = sorted({names.get(origin, origin) for origin in told["origin"]})
            what = {"accepted": "yes", "conflict": "no"}[status] if pd.isna(value) else value
            versions.append(f"{names.get(what, what)} ({', '.join(who)})")
    say("disagree", f"{about}: " + " / ".join(versions))


def say(label: str, text: str) -> None:
    """A labelled line, folded under its label."""
    print(textwrap.fill(text, WIDTH, initial_indent=f"  {label:<11}", subsequent_indent=" " * 15))


if __name__ == "__main__":
    main()
