"""Who may see what, asked from outside: every model by RPC, every route by its address."""

import itertools

import pytest
import requests

from tests.support.routes import declared, fill
from tests.support.rpc import RpcError

PROVIDER_LOGINS = ("fablab", "mediateur", "tresorier", "mediatheque")
SPONSOR_LOGINS = ("departement", "ccas", "fondation")
DISTRIBUTOR_LOGINS = ("relais",)
PORTAL = (*PROVIDER_LOGINS, *SPONSOR_LOGINS, *DISTRIBUTOR_LOGINS, "nouveau")
OWNERS = ("provider_id", "sponsor_id", "distributor_id")
REFUSALS = ("AccessError", "UserError", "ValidationError")
# Open lists that every member needs to choose from; they say nothing of anybody.
PUBLIC = {
    "aptic.territory",
    "aptic.place.type",
    "aptic.accessibility",
    "aptic.audience",
    "aptic.service.level",
    "aptic.service.category",
    "aptic.service",
    "aptic.paper.type",
}


@pytest.fixture(scope="module")
def models(refusing_server):
    """Every stored model of the suite with its field names."""
    rows = refusing_server.query(
        "SELECT m.model, array_agg(f.name::text) FROM ir_model m JOIN ir_model_fields f ON f.model_id = m.id "
        "WHERE m.model LIKE 'aptic.%%' AND NOT m.transient AND NOT m.abstract GROUP BY m.model ORDER BY m.model",
    )
    assert len(rows) > 30
    return dict(rows)


def own_organisations(server, login):
    return server.query(
        "SELECT array_remove(array_agg(m.provider_id), NULL), array_remove(array_agg(m.sponsor_id), NULL), "
        "array_remove(array_agg(m.distributor_id), NULL) "
        "FROM res_users u LEFT JOIN aptic_member m ON m.user_id = u.id AND m.active WHERE u.login = %s",
        (login,),
    )[0]


@pytest.mark.parametrize("login", PORTAL)
def test_a_portal_user_reads_own_rows_only(refusing_server, rpc, models, login):
    session = rpc(refusing_server, login)
    own = dict(zip(OWNERS, own_organisations(refusing_server, login), strict=True))
    seen = {}
    for model, names in models.items():
        owner = next((name for name in OWNERS if name in names), None)
        try:
            rows = session.search_read(model, [], [owner] if owner else ["display_name"], limit=2000)
        except RpcError as error:
            assert error.name.endswith("AccessError"), f"{model}: {error}"
            continue
        seen[model] = rows
        if owner:
            strangers = [row for row in rows if row[owner] and row[owner][0] not in own[owner]]
            assert not strangers, f"{login} reads {len(strangers)} rows of {model} that are others'"
    unowned = {m for m, rows in seen.items() if rows and not any(name in models[m] for name in OWNERS)} - PUBLIC
    known = {
        "aptic.provider", "aptic.sponsor", "aptic.distributor", "aptic.distribution.part", "aptic.rule",
        "aptic.charter",
    }  # fmt: skip
    assert unowned <= known, f"{login} reads {unowned}"
    for model, owner in (
        ("aptic.provider", "provider_id"), ("aptic.sponsor", "sponsor_id"), ("aptic.distributor", "distributor_id"),
    ):  # fmt: skip
        assert {row["id"] for row in seen.get(model, ())} <= set(own[owner]), f"{login} reads others' {model}"


@pytest.mark.parametrize("login", PORTAL)
def test_a_portal_user_writes_nothing_by_rpc(refusing_server, rpc, models, login):
    session = rpc(refusing_server, login)
    for model in models:
        with pytest.raises(RpcError) as refusal:
            session.call(model, "create", [{}])
        assert refusal.value.name.endswith(REFUSALS), f"{model}.create"
        assert session.call(model, "has_access", [], "create") is False, model
        rows = refusing_server.query(f'SELECT id FROM "{model.replace(".", "_")}" LIMIT 1')
        for method, arguments in (("write", [{"id": 1}]), ("unlink", [])) if rows else ():
            with pytest.raises(RpcError) as refusal:
                session.call(model, method, list(rows[0]), *arguments)
            assert refusal.value.name.endswith(REFUSALS), f"{model}.{method}"


def test_private_verbs_are_not_for_rpc(refusing_server, rpc):
    session = rpc(refusing_server, "camille")
    for model, verb in (
        ("aptic.redemption", "_redeem"),
        ("aptic.order", "_activate"),
        ("aptic.event", "_append"),
        ("aptic.booklet", "_codes"),
        ("aptic.booklet", "_keyring"),
        ("aptic.order", "_guarded_write"),
    ):
        with pytest.raises(RpcError) as refusal:
            session.call(model, verb, [])
        assert refusal.value.name.endswith("AccessError"), f"{model}.{verb}: {refusal.value}"


def test_staff_do_not_write_what_verbs_write(refusing_server, rpc):
    session = rpc(refusing_server, "camille")
    guarded = {
        "aptic.order": {"funded_cents": 10**6, "activated_cents": 10, "state": "active"},
        "aptic.provider": {"state": "struck_off", "bank_account_id": 1},
    }
    for model, values in guarded.items():
        (number,) = refusing_server.query(f'SELECT max(id) FROM "{model.replace(".", "_")}"')[0]
        for name, value in values.items():
            with pytest.raises(RpcError):
                session.call(model, "write", [number], {name: value})
    for model in ("aptic.event", "aptic.voucher", "aptic.booklet", "aptic.redemption"):
        number = refusing_server.query(f'SELECT max(id) FROM "{model.replace(".", "_")}"')[0][0]
        for method, arguments in (("write", [[number], {}]), ("unlink", [[number]])):
            with pytest.raises(RpcError):
                session.call(model, method, *arguments)


def test_a_visitor_is_sent_to_the_login(refusing_server):
    for path, kind, _methods, auth in declared():
        if auth != "user" or kind != "http":
            continue
        answer = requests.get(refusing_server.direct_url + fill(path, 1), allow_redirects=False, timeout=30)
        assert answer.status_code in (303, 302, 403, 404, 405, 400), f"{path}: {answer.status_code}"
        if answer.status_code in (302, 303):
            assert "/web/login" in answer.headers["Location"], f"{path} → {answer.headers['Location']}"


@pytest.mark.parametrize("login", ("mediatheque", "ccas", "nouveau", "paul"))
def test_hostile_addresses_never_break(refusing_server, rpc, login):
    session = rpc(refusing_server, login)
    words = "?page=-1&offset=%00&sort=;DROP&search=%27%22%3Cscript%3E&order=x"
    for (path, kind, methods, _auth), number in itertools.product(declared(), (0, 1, 2**31, 10**20)):
        if kind == "jsonrpc":
            body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": {"codes": ["x" * 5000, None], "oops": [{}]}}
            answer = session.session.post(session.url + fill(path, number), json=body, timeout=60)
        elif methods and "GET" not in methods:
            answer = session.session.post(session.url + fill(path, number), data={"oops": "x" * 5000}, timeout=60)
        else:
            answer = session.get(fill(path, number) + words, allow_redirects=False)
        assert answer.status_code < 500, f"{login} {path} {number}: {answer.status_code}"


@pytest.mark.parametrize(
    ("login", "stranger"),
    (
        ("mediatheque", "fablab"), ("ccas", "departement"), ("ccas", "fablab"), ("mediatheque", "relais"),
        ("relais", "fablab"),
    ),
)  # fmt: skip
def test_others_pages_are_closed(refusing_server, rpc, login, stranger):
    """Every page with a number in its address, asked for with numbers of another organisation's records."""
    session = rpc(refusing_server, login)
    providers, sponsors, distributors = own_organisations(refusing_server, stranger)
    owners = {"provider_id": providers, "sponsor_id": sponsors, "distributor_id": distributors}
    columns = refusing_server.query(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND table_name LIKE 'aptic\\_%%' AND column_name IN ('provider_id', 'sponsor_id', 'distributor_id') "
        "AND table_name IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'id')",
    )
    numbers = {*providers, *sponsors, *distributors}
    for table, column in columns:
        if owners[column]:
            rows = refusing_server.query(
                f'SELECT min(id), max(id) FROM "{table}" WHERE {column} = ANY(%s)', (owners[column],)
            )
            numbers |= {number for number in rows[0] if number}
    own = own_organisations(refusing_server, login)
    numbers -= {*own[0], *own[1], *own[2]}
    name = refusing_server.query(
        "SELECT p.name FROM res_partner p JOIN aptic_provider a ON a.partner_id = p.id WHERE a.id = ANY(%s) UNION ALL "
        "SELECT p.name FROM res_partner p JOIN aptic_sponsor a ON a.partner_id = p.id WHERE a.id = ANY(%s) UNION ALL "
        "SELECT p.name FROM res_partner p JOIN aptic_distributor a ON a.partner_id = p.id WHERE a.id = ANY(%s)",
        (providers, sponsors, distributors),
    )[0][0]
    for (path, kind, methods, auth), number in itertools.product(declared(), sorted(numbers)):
        if "<int:" not in path or auth != "user" or kind != "http" or (methods and "GET" not in methods):
            continue
        answer = session.get(fill(path, number), allow_redirects=False)
        if answer.status_code == 200:
            assert name not in answer.text, f"{login} reads {stranger}'s {fill(path, number)}"


@pytest.mark.parametrize("login", PORTAL)
def test_who_deals_with_money_reads_how_invoices_are_debited(refusing_server, rpc, login):
    [(provider, reference, number)] = refusing_server.query(
        "SELECT p.id, m.unique_mandate_reference, b.sanitized_acc_number FROM aptic_provider p "
        "JOIN account_banking_mandate m ON m.partner_bank_id = p.bank_account_id AND m.state = 'valid' "
        "JOIN res_partner_bank b ON b.id = p.bank_account_id",
    )
    session = rpc(refusing_server, login)
    with pytest.raises(RpcError) as error:
        session.search_read("account.banking.mandate", [], ["unique_mandate_reference"])
    assert error.value.name.endswith("AccessError")
    answer = session.get(f"/my/aptic/provider/{provider}/invoices")
    assert number not in answer.text
    if login in ("fablab", "tresorier"):
        assert answer.status_code == 200
        for word in (reference, f"{number[:4]} **** **** {number[-4:]}", "FR72ZZZ123456", "révoquer"):
            assert word in answer.text
    else:
        assert answer.status_code == 403
        assert reference not in answer.text
