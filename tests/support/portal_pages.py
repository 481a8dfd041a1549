"""Every portal page that the addons declare, with the numbers of a person's own records in its address."""

from tests.support.routes import CONVERTER, declared

OWNERS = ("provider_id", "sponsor_id", "distributor_id")
EACH = 3


def opened_by_get():
    """Return the addresses, as declared, that a browser can open."""
    return sorted(
        {path for path, kind, methods, _auth in declared() if kind == "http" and "GET" in (methods or ["GET"])}
    )


def addresses(server, login, paths):
    """Return ``{declared address: [addresses]}`` with the records that the person's organisations own.

    A record of each state is taken where there are states: their pages differ. An address is left out when the person
    has no record for it.

    :param server: a running server.
    :param login: a demonstration user, or None for a visitor.
    """
    own = dict.fromkeys(OWNERS, ())
    if login:
        rows = server.query(
            "SELECT array_remove(array_agg(DISTINCT m.provider_id), NULL),"
            " array_remove(array_agg(DISTINCT m.sponsor_id), NULL),"
            " array_remove(array_agg(DISTINCT m.distributor_id), NULL)"
            " FROM res_users u LEFT JOIN aptic_member m ON m.user_id = u.id AND m.active WHERE u.login = %s",
            (login,),
        )
        own = dict(zip(OWNERS, rows[0], strict=True))
    found = {}
    for path in paths:
        filled = [path]
        for match in CONVERTER.finditer(path):
            values = _values(server, match["name"], own, path[: match.start()])
            filled = [address.replace(match[0], str(value), 1) for address in filled for value in values]
        if filled:
            found[path] = filled
    return found


def _values(server, name, own, before):
    """Return what may stand for a parameter of an address that follows ``before``."""
    if name == "page":
        return [1]
    if name == "address":  # of a provider's public page: its number, then words
        rows = server.query("SELECT id FROM aptic_provider WHERE state = 'active' ORDER BY id LIMIT %s", (EACH,))
        return [f"{number}-acteur" for (number,) in rows]
    if name == "number":  # of a voucher, on its public page
        return [
            f"{serial:010d}" for (serial,) in server.query("SELECT min(serial) FROM aptic_voucher GROUP BY order_id")
        ][:EACH]
    if name == "organisation_id":
        name = before.rstrip("/").rpartition("/")[2] + "_id"
        if name not in own:
            return []
    if name in own:
        return own[name]
    table = _table(server, name.removesuffix("_id"))
    columns = {
        column
        for (column,) in server.query(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
        )
    }
    owner = next((column for column in OWNERS if column in columns), None)
    if not columns or not name.endswith("_id"):
        return []
    order = "state, id DESC" if "state" in columns else "id"
    distinct = "DISTINCT ON (state)" if "state" in columns else ""
    if not owner:
        return [
            number for (number,) in server.query(f'SELECT {distinct} id FROM "{table}" ORDER BY {order} LIMIT {EACH}')
        ]
    rows = server.query(
        f'SELECT {distinct} id FROM "{table}" WHERE {owner} = ANY(%s) ORDER BY {order}', (list(own[owner]),)
    )
    return [number for (number,) in rows[:EACH]]


def _table(server, name):
    """Return the table of records of that name: ``paper`` or, shortened, ``signature`` of a charter."""
    rows = server.query(
        "SELECT c.table_name FROM information_schema.columns c"
        " WHERE c.column_name = 'id' AND (c.table_name = %s OR c.table_name LIKE %s)"
        " ORDER BY c.table_name = %s DESC, c.table_name",
        (f"aptic_{name}", f"aptic\\_%\\_{name}", f"aptic_{name}"),
    )
    return rows[0][0] if rows else ""
