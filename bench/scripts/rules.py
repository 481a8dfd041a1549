"""In Odoo's shell (``env``, ``report``): 50,000 places, the rules of 1,000 orders, counted in turns with the ORM."""
# ruff: noqa: F821

import random
import statistics
import time
from datetime import date

PROVIDERS = sized(10_000)
PLACES, OFFERS, ORDERS, COMPARED = 5 * PROVIDERS, 3 * PROVIDERS, sized(1_000), sized(150)
chance = random.Random(2026)
today = date.today()


def columns(table):
    """Names of the columns that can be copied."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
        " AND column_name <> 'id' ORDER BY ordinal_position",
        (table,),
    )
    return [name for (name,) in env.cr.fetchall()]


def copies(table, count, source, values):
    """Copy the row ``source`` of a table so many times; ``values`` are SQL by column, ``n`` counts the copies."""
    names = columns(table)
    chosen = ", ".join(values.get(name, f'one."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    env.cr.execute(
        f"INSERT INTO {table} ({listed}) SELECT {chosen} FROM {table} one, generate_series(1, {count}) n"
        f" WHERE one.id = %s RETURNING id",
        (source,),
    )
    return [row for (row,) in env.cr.fetchall()]


def pick(ids, salt):
    """SQL that takes one of ``ids`` for each ``n``, spread as if by chance."""
    return f"(ARRAY[{','.join(map(str, ids))}])[1 + abs(hashint4(n * 31 + {salt})) %% {len(ids)}]"


def made():
    """Providers, places and services like those of the demonstration."""
    provider = env.ref("aptic_base.demo_provider_01")
    place, offer = provider.place_ids[0], provider.offer_ids[0]
    env.flush_all()
    partners = copies("res_partner", PROVIDERS, provider.partner_id.id, {"name": "'Bench ' || n"})
    first = partners[0] - 1
    providers = copies(
        "aptic_provider", PROVIDERS, provider.id,
        {"partner_id": f"{first} + n", "siret": "lpad((50000000000000 + n)::text, 14, '0')", "state": "'active'"},
    )  # fmt: skip
    base = providers[0]
    communes = env["aptic.territory"].search([("kind", "=", "commune")]).ids
    types = env["aptic.place.type"].search([]).ids
    services = env["aptic.service"].search([])
    places = copies(
        "aptic_place", PLACES, place.id,
        {
            "provider_id": f"{base} + (n - 1) / 5", "name": "'Lieu ' || n", "active": "TRUE", "presence": "'place'",
            "territory_id": pick(communes, 1), "type_id": pick(types, 2), "open_from": "NULL",
            "open_until": f"CASE WHEN n %% 20 = 0 THEN DATE '{today}' - 1 END",
        },
    )  # fmt: skip
    copies(
        "aptic_offer", OFFERS, offer.id,
        {
            "provider_id": f"{base} + (n - 1) / 3", "service_id": pick(services.ids, 3), "active": "TRUE",
            "price_cents": "(ARRAY[1000, 1000, 1200, 1500, 2000])[1 + n %% 5]",
        },
    )  # fmt: skip
    env.cr.execute("UPDATE aptic_offer o SET category_id = s.category_id, level_id = s.level_id"
                   " FROM aptic_service s WHERE s.id = o.service_id")  # fmt: skip
    # One offer in four is given at one place only; one in three is for some audiences.
    env.cr.execute(
        "INSERT INTO aptic_offer_place_rel (offer_id, place_id)"
        " SELECT o.id, min(p.id) FROM aptic_offer o JOIN aptic_place p USING (provider_id)"
        " WHERE o.provider_id >= %s AND o.id %% 4 = 0 GROUP BY o.id",
        (base,),
    )
    audiences = env["aptic.audience"].search([]).ids
    env.cr.execute(
        f"INSERT INTO aptic_audience_aptic_offer_rel (aptic_offer_id, aptic_audience_id)"
        f" SELECT o.id, {pick(audiences, 4).replace('n * 31', 'o.id * 31')} FROM aptic_offer o"
        f" WHERE o.provider_id >= %s AND o.id %% 3 = 0",
        (base,),
    )
    env.cr.commit()
    env.invalidate_all()
    old = env.cr.connection.isolation_level
    env.cr.connection.set_isolation_level(0)
    env.cr.execute("ANALYZE")
    env.cr.connection.set_isolation_level(old)
    return len(places), providers


def rules_of_orders(providers):
    """Rules as sponsors ask for them: a territory nearly always, then types, categories, audiences, a price."""
    of = {
        kind: env["aptic.territory"].search([("kind", "=", kind)]).ids
        for kind in ("region", "department", "epci", "commune")
    }
    types, audiences = env["aptic.place.type"].search([]).ids, env["aptic.audience"].search([]).ids
    categories = env["aptic.service.category"].search([]).ids
    found = []
    for _order in range(ORDERS):
        rows = []
        kind = chance.choices(("region", "department", "epci", "commune", None), (1, 5, 3, 2, 1))[0]
        if kind:
            rows.append({"kind": "territory", "ids": chance.sample(of[kind], chance.randint(1, 3))})
        for name, ids, odds in (
            ("place_type", types, 0.4),
            ("category", categories, 0.5),
            ("audience", audiences, 0.4),
        ):
            if chance.random() < odds:
                rows.append({"kind": name, "ids": chance.sample(ids, chance.randint(1, max(1, len(ids) // 2)))})
        if chance.random() < 0.2:
            rows.append({"kind": "max_price", "cents": chance.choice([1000, 1500])})
        if chance.random() < 0.1:
            rows.append({"kind": "excluded_provider", "ids": chance.sample(providers, 5)})
        found.append(rows)
    return found


def domains(rows):
    """The same two questions as domains of the ORM."""
    place = [
        ("provider_id.state", "=", "active"),
        "|", ("open_from", "=", False), ("open_from", "<=", today),
        "|", ("open_until", "=", False), ("open_until", ">=", today),
        "|", ("presence", "=", "place"),
        ("hosting_ids", "any", [("state", "=", "accepted"), ("starts_on", "<=", today),
                                "|", ("ends_on", "=", False), ("ends_on", ">=", today)]),
    ]  # fmt: skip
    offer = [("service_id.active", "=", True)]
    for row in rows:
        ids = row.get("ids")
        if row["kind"] == "territory":
            place += ["|", ("territory_id", "child_of", ids), ("territory_id.epci_id", "in", ids)]
        elif row["kind"] == "place_type":
            place.append(("type_id", "in", ids))
        elif row["kind"] == "excluded_provider":
            place.append(("provider_id", "not in", ids))
        elif row["kind"] == "category":
            offer.append(("category_id", "in", ids))
        elif row["kind"] == "audience":
            offer += ["|", ("audience_ids", "=", False), ("audience_ids", "in", ids)]
        elif row["kind"] == "max_price":
            offer.append(("price_cents", "<=", row["cents"]))
    everywhere = [("place_ids", "=", False), *offer]
    return (
        [*place, "|", ("offer_ids", "any", offer), ("provider_id.offer_ids", "any", everywhere)],
        [*offer, "|", ("place_ids", "any", place),
         "&", ("place_ids", "=", False), ("provider_id.place_ids", "any", place)],
    )  # fmt: skip


def timed(act):
    """Run ``act`` and return its milliseconds and its answer."""
    start = time.perf_counter()
    answer = act()
    return 1000 * (time.perf_counter() - start), answer


def ours(rows):
    """Places and services, as the sponsor sees them."""
    counts = orders._qualifying_counts(rows)
    return counts["places"], counts["offers"]


def theirs(rows):
    """Places and services, by the ORM."""
    place, offer = domains(rows)
    return env["aptic.place"].search_count(place), env["aptic.offer"].search_count(offer)


orders = env["aptic.order"]
making, (count, providers) = timed(made)
every = rules_of_orders(providers)
ours(every[0]), theirs(every[0])
spent, same, peer, answers = [], [], [], set()
for number, rows in enumerate(every):
    mine, answer = timed(lambda rows=rows: ours(rows))
    spent.append(mine)
    answers.add(answer)
    if number < COMPARED:
        other, told = timed(lambda rows=rows: theirs(rows))
        assert told == answer, (rows, answer, told)
        same.append(mine)
        peer.append(other)
assert len(answers) > ORDERS // 20, "the orders' rules leave different places"
report(
    places=count, offers=OFFERS, orders=len(every), compared=len(peer), ours_ms=statistics.mean(spent),
    same_ms=statistics.mean(same), theirs_ms=statistics.mean(peer), p95_ms=statistics.quantiles(spent, n=20)[-1],
    making_s=making / 1000,
)  # fmt: skip
