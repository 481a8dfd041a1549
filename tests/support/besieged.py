"""A served demonstration under hostile inputs: who asks, and what must be the same afterwards."""

import re

import psutil

from tests.support.desk import BOOKLET

# ------------------------------------------------------------------------- state
# What inputs may add to: tries, and the counts of a key's requests. Nothing of it is the desk's business.
COUNTERS = {"aptic_attempt", "aptic_api_use"}
OTHER_TABLES = {"account_move", "account_move_line", "mail_mail", "mail_message", "res_partner", "ir_config_parameter"}


def fingerprint(running):
    """The contents of all our tables, and of those that our acts write to: count and digest by table."""
    tables = [
        name
        for (name,) in running.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        if (name.startswith("aptic_") and name not in COUNTERS) or name in OTHER_TABLES
    ]
    parts = [
        f"SELECT '{name}', count(*), COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0) FROM \"{name}\" t"
        for name in tables
    ]
    return {name: (count, digest) for name, count, digest in running.query(" UNION ALL ".join(parts))}


def changes(before, after):
    """Tables whose contents differ, with their counts."""
    return {name: (before.get(name), after.get(name)) for name in before | after if before.get(name) != after.get(name)}


def memory(running):
    """Resident megabytes of the server's processes, by process."""
    server = psutil.Process(running.odoo.process.pid)
    return {child.pid: child.memory_info().rss / 2**20 for child in server.children()}


# ------------------------------------------------------------------------- people
REDEMPTIONS = "SELECT id FROM aptic_redemption WHERE provider_id {} %s ORDER BY id DESC LIMIT 3"
SPONSOR = """SELECT m.sponsor_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id
              WHERE u.login = 'departement' AND m.sponsor_id IS NOT NULL"""

# What would tell all inputs but the first to wait.
LIMITS = (
    "aptic_base.api_per_minute", "aptic_pos.wrong_codes_user", "aptic_pos.wrong_codes_address",
    "aptic_pos.wrong_codes_alarm",
)  # fmt: skip


def facts_of(desk):
    """What :class:`Hostile` needs, made on a served demonstration; afterwards no form can change anything of it.

    :param desk: a :class:`tests.support.desk.Desk`
    """
    running = desk.running
    logins = {"mediator": "mediateur", "manager": "fablab", "nobody": "nouveau"}
    people = {who: desk.session(login) for who, login in logins.items()}
    for name in LIMITS:
        desk.session("admin").call("ir.config_parameter", "set_param", name, "1000000")
    code = desk.vouchers(BOOKLET)[0]
    if desk.redeem(people["manager"], code)["status"] != "done":
        raise AssertionError("the voucher could not be spent")
    running.query("UPDATE aptic_redemption SET state = 'settled', is_held = NULL WHERE state = 'done'")
    settled, others = (
        [number for (number,) in running.query(REDEMPTIONS.format(sign), (desk.provider_id,))] for sign in ("=", "!=")
    )
    place = {"place_id": desk.place_id, "purposes": ["redemptions:read", "redemptions:write"]}
    keys = {
        "key": api_key(people["manager"], f"/my/aptic/provider/{desk.provider_id}/keys", **place),
        "sponsor": api_key(
            desk.session("departement"),
            "/my/aptic/sponsor/{}/keys".format(*running.query(SPONSOR)[0]),
            purposes=["orders:read", "figures:read"],
        ),
    }
    headers = {
        who: {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.session.cookies)}
        for who, person in people.items()
    }
    headers |= {"stranger": {}, **{who: {"Authorization": f"Bearer {key}"} for who, key in keys.items()}}
    tokens = {who: re.search(r'csrf_token: "([^"]+)"', person.get("/my").text)[1] for who, person in people.items()}
    act = desk.act(code, key="hostile-" + "0" * 20)
    return {"headers": headers, "tokens": tokens, "act": act, "settled": settled, "others": others}


def api_key(manager, address, **form):
    """The secret of a key that a manager makes on the portal."""
    page = manager.get(address).text
    form |= {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("csrf_token", "form_token")}
    form |= {"name": "Essais", "days": "30"}
    page = manager.session.post(manager.url + address, data=form, timeout=60).text
    return re.search(r'id="api_secret_value"[^>]*value="([0-9a-f]{40})"', page)[1]
