"""What is about Idlib in the validator: rules on patrols, agreements and events.

The one module that knows tables of this dataset by name, and for that reason a long one. Each rule
says in `Rule.needs` which columns it judges, so a package without them is not judged by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from idlib_data.validation.rules import Rule, columns, run
from idlib_data.validation.workspace import literal, quote

if TYPE_CHECKING:
    import pandas as pd

    from idlib_data.validation.report import Problem
    from idlib_data.validation.workspace import Workspace

PRECISION = Rule(
    "precision-fits-span",
    "checks",
    "date_precision fits the span: a day has no end; week, month and year span just that.",
    "Correct date_precision, or the two dates.",
)
OUTCOME = Rule(
    "outcome-detail",
    "checks",
    "Only an attacked patrol has a completion, and a completed one no reason.",
    "Empty the cell, or correct the outcome.",
)

LINKS = (
    Rule(
        "patrol-before-agreement",
        "links",
        "No patrol is dated before the agreement that it carries out takes effect.",
        "Check the patrol's date and its agreement.",
        needs=columns(
            "patrols: date agreement_id", "agreements: agreement_id signed_date effective_from"
        ),
        sql="""
        SELECT 'patrols' AS table_name, patrols._row AS row, 'date' AS field,
            date::VARCHAR AS value,
            'the patrol is dated before ' || agreement_id || ' takes effect on '
                || coalesce(effective_from, signed_date) AS message
        FROM patrols JOIN agreements USING (agreement_id)
        WHERE date < coalesce(effective_from, signed_date)
        """,
    ),
    Rule(
        "sequence-order",
        "links",
        "Within a series the numbers of the patrols grow with their dates.",
        "Check number and date of both patrols against the count docs/coding.md names.",
        needs=columns("patrols: patrol_id series sequence date"),
        sql="""
        SELECT 'patrols' AS table_name, later._row AS row, 'sequence' AS field,
            later.sequence::VARCHAR AS value,
            'number ' || later.sequence || ' is dated before or with number ' || earlier.sequence
            || ' (' || earlier.patrol_id || ')' AS message
        FROM patrols AS earlier JOIN patrols AS later USING (series)
        WHERE earlier.sequence < later.sequence AND earlier.date >= later.date
        """,
    ),
    Rule(
        "sequence-repeated",
        "links",
        "No number stands twice in a series.",
        "Check both patrols against the count docs/coding.md names.",
        needs=columns("patrols: patrol_id series sequence"),
        sql="""
        SELECT 'patrols' AS table_name, later._row AS row, 'sequence' AS field,
            later.sequence::VARCHAR AS value,
            'number ' || later.sequence || ' is also the number of ' || earlier.patrol_id AS message
        FROM patrols AS earlier JOIN patrols AS later USING (series, sequence)
        WHERE earlier._row < later._row
        """,
    ),
    Rule(
        "attack-without-event",
        "links",
        "A patrol with outcome attacked has its attack among the events.",
        "Add the event and its patrol_id, or correct the outcome.",
        needs=columns("patrols: patrol_id outcome", "events: patrol_id event_type"),
        sql="""
        SELECT 'patrols' AS table_name, _row AS row, 'outcome' AS field, outcome AS value,
            'no event of type attack names this patrol' AS message
        FROM patrols WHERE outcome = 'attacked' AND patrol_id NOT IN (
            SELECT patrol_id FROM events WHERE event_type = 'attack' AND patrol_id IS NOT NULL
        )
        """,
    ),
    Rule(
        "attack-without-outcome",
        "links",
        "A patrol that an attack names has outcome attacked.",
        "Correct the outcome of the patrol, or the event's patrol_id.",
        needs=columns("patrols: patrol_id outcome", "events: patrol_id event_type"),
        sql="""
        SELECT 'events' AS table_name, events._row AS row, 'patrol_id' AS field, patrol_id AS value,
            'the patrol has outcome ' || coalesce(outcome, '(empty)') || ', not attacked' AS message
        FROM events JOIN patrols USING (patrol_id)
        WHERE event_type = 'attack' AND outcome IS DISTINCT FROM 'attacked'
        """,
    ),
    Rule(
        "role-fits-type",
        "links",
        "The role of an actor fits the type of the event.",
        "Choose another role, or another type for the event.",
        needs=columns("event_actors: event_id role", "events: event_id event_type"),
        sql="""
        WITH fits(role, types) AS (VALUES
            ('accused', ['aggregate', 'attack', 'clash', 'engineering', 'operation', 'protest',
                'strike', 'violation-count']),
            ('addressee', ['call', 'statement', 'suspension', 'threat']),
            ('claimant', ['aggregate', 'attack', 'clash', 'strike']),
            ('counterpart', ['call', 'coordination', 'exercise', 'statement', 'talks']),
            ('escort', ['convoy', 'deployment', 'withdrawal']),
            ('host', ['exercise', 'talks']),
            ('initiator', ['call', 'coordination', 'exercise', 'operation', 'protest', 'suspension',
                'talks']),
            ('perpetrator', ['aggregate', 'attack', 'clash', 'engineering', 'operation', 'protest',
                'strike']),
            ('speaker', ['statement', 'suspension', 'threat']),
            ('target', ['aggregate', 'attack', 'clash', 'operation', 'protest', 'strike',
                'violation-count'])
        )
        SELECT 'event_actors' AS table_name, event_actors._row AS row, 'role' AS field,
            role AS value, 'role ' || role || ' does not fit an event of type ' || event_type
            AS message
        FROM event_actors JOIN events USING (event_id) JOIN fits USING (role)
        WHERE NOT list_contains(types, event_type)
        """,
    ),
    Rule(
        "deadline-before-signing",
        "links",
        "No undertaking is due before its agreement was signed.",
        "Check the deadline and the day of signing.",
        needs=columns(
            "provisions: agreement_id deadline_date", "agreements: agreement_id signed_date"
        ),
        sql="""
        SELECT 'provisions' AS table_name, provisions._row AS row, 'deadline_date' AS field,
            deadline_date::VARCHAR AS value,
            'the deadline is before ' || agreement_id || ' was signed on ' || signed_date AS message
        FROM provisions JOIN agreements USING (agreement_id) WHERE deadline_date < signed_date
        """,
    ),
    Rule(
        "told-before-it-happened",
        "links",
        "Nothing is dated after the publication of all the sources that report it.",
        "Check the date of the record and the days of publication of its sources.",
        needs=columns(
            "patrols: patrol_id date outcome",
            "events: event_id date_start",
            "claims: record_id field status source_id",
            "sources: source_id published_date published_latest",
        ),
        sql="""
        WITH dated AS (
            SELECT 'patrols' AS table_name, patrol_id AS record_id, _row, 'date' AS field,
                date AS day
            FROM patrols WHERE outcome IS DISTINCT FROM 'planned'
            UNION ALL
            SELECT 'events', event_id, _row, 'date_start', date_start FROM events
        ), told AS (
            SELECT record_id, coalesce(published_date, published_latest) AS published
            FROM claims JOIN sources USING (source_id)
            WHERE field IS NULL AND status = 'accepted'
        )
        SELECT table_name, _row AS row, field, day::VARCHAR AS value,
            'the last source that reports it was published on ' || max(published) AS message
        FROM dated JOIN told USING (record_id)
        GROUP BY ALL
        HAVING count(*) = count(published) AND max(published) < day
        """,
    ),
    Rule(
        "outside-country",
        "links",
        "Coordinates of a place in Syria lie in Syria.",
        "Check latitude and longitude, which are easily swapped, and the country.",
        needs=columns("locations: country latitude longitude"),
        # A box round Syria with some room; it finds swapped and mistyped figures, no border cases.
        sql="""
        SELECT 'locations' AS table_name, _row AS row, 'latitude' AS field,
            latitude::VARCHAR AS value,
            latitude || ', ' || longitude || ' is not in Syria' AS message
        FROM locations
        WHERE country = 'SY'
            AND NOT (latitude::DOUBLE BETWEEN 32.3 AND 37.4
                AND longitude::DOUBLE BETWEEN 35.6 AND 42.4)
        """,
    ),
    Rule(
        "outside-north-west",
        "links",
        "A place with an observation post, or on a patrolled road, lies in north-west Syria.",
        "Check which place of that name is meant, and its coordinates.",
        needs=columns(
            "locations: location_id latitude longitude",
            "posts: location_id",
            "route_points: location_id",
        ),
        # Round the governorates of Idlib, Aleppo, Hama and Latakia west of the Euphrates.
        sql="""
        SELECT 'locations' AS table_name, _row AS row, 'latitude' AS field,
            latitude::VARCHAR AS value,
            latitude || ', ' || longitude || ' is not in north-west Syria' AS message
        FROM locations
        WHERE location_id IN (
                SELECT location_id FROM posts UNION ALL SELECT location_id FROM route_points
            )
            AND NOT (latitude::DOUBLE BETWEEN 34.8 AND 37.0
                AND longitude::DOUBLE BETWEEN 35.7 AND 38.1)
        """,
    ),
    Rule(
        "actor-not-active",
        "links",
        "Nobody acts on a day on which no claim has the actor in being.",
        "Check the date of the event and who took part; or add the claim on the actor's dates.",
        severity="warning",
        needs=columns(
            "actors: actor_id active_from active_to",
            "event_actors: event_id actor_id role",
            "events: event_id event_type date_start",
            "claims: record_id field value status",
        ),
        # The widest span that anybody tells of: a version that was not accepted explains the act. A
        # sum is dated by the day from which it counts, on which nobody need have acted.
        sql="""
        WITH told AS (
            SELECT record_id AS actor_id,
                min(try_cast(value AS DATE)) FILTER (field = 'active_from') AS earliest,
                max(try_cast(value AS DATE)) FILTER (field = 'active_to') AS latest
            FROM claims WHERE field IN ('active_from', 'active_to') AND status <> 'rejected'
            GROUP BY ALL
        ), lives AS (
            SELECT actors.actor_id, least(try_cast(active_from AS DATE), earliest) AS first,
                greatest(try_cast(active_to AS DATE), latest) AS last
            FROM actors LEFT JOIN told USING (actor_id)
        )
        SELECT 'event_actors' AS table_name, event_actors._row AS row, 'actor_id' AS field,
            actor_id AS value, 'the event is dated ' || day || ', ' || actor_id || CASE
                WHEN day < first THEN ' is first reported on ' || first
                ELSE ' is last reported on ' || last END AS message
        FROM event_actors JOIN lives USING (actor_id)
        JOIN (
            SELECT event_id, try_cast(date_start AS DATE) AS day
            FROM events WHERE event_type <> 'aggregate'
        ) USING (event_id)
        WHERE role NOT IN ('accused', 'subject')
            AND (day < first OR day > last)
        """,
    ),
    Rule(
        "likely-duplicate",
        "links",
        "No two events of a known place or number have the same type, date and actors.",
        "If it is one event told twice, keep one record with the claims of both.",
        severity="warning",
        needs=columns(
            "events: event_id event_type date_start date_end location_id quantity part_of_event_id",
            "event_actors: event_id actor_id role",
        ),
        sql="""
        WITH who AS (
            SELECT event_id, string_agg(actor_id || ' ' || role, ' ' ORDER BY actor_id, role) AS who
            FROM event_actors GROUP BY event_id
        ), seen AS (
            SELECT *, first_value(event_id) OVER (
                PARTITION BY event_type, date_start, date_end, location_id, quantity, who,
                    part_of_event_id
                ORDER BY _row
            ) AS first
            FROM events LEFT JOIN who USING (event_id)
            WHERE date_start IS NOT NULL AND (location_id IS NOT NULL OR quantity IS NOT NULL)
        )
        SELECT 'events' AS table_name, _row AS row, NULL AS field, event_id AS value,
            'looks like ' || first || ' told twice' AS message
        FROM seen WHERE event_id <> first
        """,
    ),
    Rule(
        "orphan-source",
        "links",
        "Each source is cited by a claim.",
        "Add the claim, or take the source away.",
        severity="warning",
        needs=columns("sources: source_id", "claims: source_id"),
        sql="""
        SELECT 'sources' AS table_name, _row AS row, 'source_id' AS field, source_id AS value,
            'no claim cites this source' AS message
        FROM sources WHERE source_id NOT IN (
            SELECT source_id FROM claims WHERE source_id IS NOT NULL
        )
        """,
    ),
    Rule(
        "orphan-location",
        "links",
        "Each place is told of by a source or belongs to a record.",
        "Name the place where it belongs, or take it away.",
        severity="warning",
        needs=columns(
            "locations: location_id",
            "claims: record_id field value source_id",
            "sources: source_id kind",
        ),
    ),
)
RULES = (PRECISION, OUTCOME, *LINKS)


def check(workspace: Workspace) -> Iterator[Problem]:
    """The offences against the link rules about Idlib."""
    for rule in LINKS:
        if all(workspace.has_column(column) for column in rule.needs):
            yield from run(
                rule, workspace, rule.sql or _orphans(workspace, "locations", "location_id")
            )


def _orphans(workspace: Workspace, table: str, key: str) -> str:
    """Query for the records of a table that no record names and only a gazetteer tells of."""
    named = [
        f"SELECT {quote(column.fields[0])} FROM text.{quote(schema.name)}"
        for schema in workspace.dataset.schemas.values()
        for column in schema.foreign_keys
        if column.table == table and len(column.fields) == 1
    ]
    named.append("SELECT value FROM text.claims WHERE field IS NOT NULL")
    named.append(
        "SELECT record_id FROM text.claims JOIN text.sources USING (source_id) "
        "WHERE field IS NULL AND kind IS DISTINCT FROM 'database'"
    )
    used = " UNION ALL ".join(named)
    return f"""
    SELECT {literal(table)}, _row, {literal(key)}, {quote(key)},
        'no record names it, and no source but a database tells of it'
    FROM text.{quote(table)}
    WHERE {quote(key)} NOT IN (SELECT * FROM ({used}) AS used(id) WHERE id IS NOT NULL)
    """


def row_checks() -> dict[str, list[Any]]:
    """Table -> pandera checks within a row of that table."""
    from idlib_data.validation.checks import row_check

    return {
        "events": [
            row_check(
                PRECISION,
                "date_precision",
                _precision_fits,
                "the span from date_start to date_end is not what date_precision says",
                ["date_start", "date_end"],
            )
        ],
        "patrols": [
            row_check(
                OUTCOME,
                "completion",
                lambda frame: frame["completion"].isna() | (frame["outcome"] == "attacked"),
                "completion is filled, but the patrol was not attacked",
                ["outcome"],
            ),
            row_check(
                OUTCOME,
                "outcome_reason",
                lambda frame: frame["outcome_reason"].isna() | (frame["outcome"] != "completed"),
                "a completed patrol has a reason",
                ["outcome"],
            ),
        ],
    }


def _precision_fits(frame: pd.DataFrame) -> pd.Series:
    """Whether date_start and date_end span what date_precision says; nulls pass."""
    import pandas as pd

    start, end, precision = frame["date_start"], frame["date_end"], frame["date_precision"]
    days = (end - start).dt.days + 1
    month = (start.dt.day == 1) & (end == start + pd.offsets.MonthEnd(0))
    year = (start.dt.day_of_year == 1) & (end == start + pd.offsets.YearEnd(0))
    fits = pd.Series(True, index=frame.index)
    for name, verdict in {
        "day": end.isna(),
        "range": days > 1,
        "week": days == 7,
        "month": month,
        "year": year,
    }.items():
        fits = fits.where(precision != name, verdict.fillna(False).astype(bool))
    return (fits | precision.isna() | start.isna()).astype(bool)
