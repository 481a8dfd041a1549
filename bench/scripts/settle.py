"""In Odoo's shell (``env``, ``report``, ``sized``): a month of many providers, settled, approved, paid by a file."""
# ruff: noqa: F821

import itertools
import time
from datetime import datetime, timedelta

from odoo.addons.aptic_voucher import clock
from odoo.fields import Command

PROVIDERS = sized(1_000)
COUNT = sized(REDEMPTIONS, PROVIDERS)
DAYS = 28
today = clock.today()
CUTOFF = today - timedelta(days=1)


def query(statement, *values):
    """Run a statement and return its rows."""
    env.cr.execute(statement, values)
    return env.cr.fetchall() if env.cr.description else []


# -------------------------------------------------------------------- month
def luhn(digits):
    """The digits and their check digit."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return digits + str(-sum(sum(divmod(value, 10)) for value in doubled) % 10)


def iban(number):
    """A French account number of no bank."""
    bban = f"3000600000{number:011d}"
    bban += f"{97 - int(bban + '00') % 97:02d}"
    return f"FR{98 - int(bban + '152700') % 97:02d}{bban}"


def make_providers():
    """Active providers, each with a place in another town, a service and a bank account in force."""
    model = env.ref("aptic_base.demo_provider_01")
    offer, place = model.offer_ids[0], model.place_ids[0]
    towns = env["aptic.territory"].search([("kind", "=", "commune")], limit=PROVIDERS).ids
    address = {"city": "Bordeaux", "country_id": env.ref("base.fr").id, "is_company": True, "state": "active"}
    providers = env["aptic.provider"]._guarded_create(
        [
            {**address, "name": f"Banc {number:04}", "siret": luhn(luhn(f"5{number:07d}") + "0001")}
            for number in range(PROVIDERS)
        ]
    )
    env["aptic.place"].create(
        [
            {
                "provider_id": each.id,
                "name": each.name,
                "type_id": place.type_id.id,
                "territory_id": towns[at % len(towns)],
            }
            for at, each in enumerate(providers)
        ]
    )
    values = {"service_id": offer.service_id.id, "price_cents": 1000}
    env["aptic.offer"].create([{"provider_id": provider.id, **values} for provider in providers])
    accounts = env["res.partner.bank"].create(
        [
            {"acc_number": iban(at), "partner_id": provider.partner_id.id, "acc_holder_name": provider.name}
            for at, provider in enumerate(providers)
        ]
    )
    for provider, account in zip(providers, accounts, strict=True):
        provider._guarded_write({"bank_account_id": account.id})
    return providers


def redeem(providers, count, last, key):
    """Redemptions of one voucher each, as many for each provider, over the days before ``last``, with their ledger."""
    order = env["aptic.order"].search([("state", "=", "active")], limit=1)
    query(
        """WITH place AS (
             SELECT row_number() OVER (ORDER BY p.id) - 1 AS number, p.provider_id, p.id, p.territory_id,
                    o.id AS offer_id, o.service_id
               FROM aptic_place p JOIN aptic_offer o USING (provider_id) WHERE p.provider_id = ANY(%s)
           ), scan AS (
             SELECT place.*, n, %s::timestamp - make_interval(days => 1 + n / %s %% %s, mins => 60 * (2 + n %% 8)) AS at
               FROM generate_series(0, %s - 1) AS n JOIN place ON place.number = n %% %s
           ), act AS (
             INSERT INTO aptic_redemption (provider_id, place_id, territory_id, offer_id, service_id, user_id,
                    price_cents, voucher_count, face_cents, copay_cents, client_key, payload_hash, client_time,
                    received_at, day, state, serials)
             SELECT provider_id, id, territory_id, offer_id, service_id, %s, 1000, 1, 1000, 0, %s || n, 'bench', at, at,
                    at::date, 'done', (800000000 + n)::text
               FROM scan RETURNING id, received_at, day, serials::int AS serial
           )
           INSERT INTO aptic_event (kind, at, day, order_id, serial_from, serial_to, quantity, amount_cents,
                  redemption_id, user_id)
           SELECT 'redeem', received_at, day, %s, serial, serial, 1, 1000, id, %s FROM act""",
        providers.ids, datetime.combine(last, datetime.min.time()), PROVIDERS, DAYS, count, PROVIDERS, env.uid, key,
        order.id, env.uid,
    )  # fmt: skip
    env.cr.commit()
    query("ANALYZE")
    env.cr.commit()
    env.invalidate_all()


# --------------------------------------------------------------------- acts
maker = env.ref("aptic_base.demo_user_compta")
checker = env.ref("aptic_base.demo_user_approbation")


def settlement_of(cutoff):
    """A run with this cut-off."""
    return env["aptic.settlement"].with_user(maker).create({"cutoff_day": cutoff})


def told(decide, go_on):
    """Decide, and make in the background what follows: the seconds in all, and of the longest transaction."""
    moments = [time.perf_counter()]
    commit = env.cr.commit

    def noted():
        commit()
        moments.append(time.perf_counter())

    env.cr.commit = noted
    try:
        decide()
        env.cr.commit()
        go_on()
    finally:
        del env.cr.commit
    return moments[-1] - moments[0], max(after - before for before, after in itertools.pairwise(moments))


def owed_elsewhere(amount):
    """The open items of as much, owed to the same partners as to any supplier: OCA's order pays no counter-payments."""
    company = env.company
    cost = env["account.account"].search(
        [("account_type", "=", "expense"), ("company_ids", "in", company.ids)], limit=1
    )
    moves = env["account.move"].create(
        [
            {
                "journal_id": company.aptic_ledger_journal_id.id,
                "date": today,
                "ref": f"Banc {partner.id}",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": partner.property_account_payable_id.id,
                            "partner_id": partner.id,
                            "balance": -amount,
                            "date_maturity": today,
                        }
                    ),
                    Command.create({"account_id": cost.id, "balance": amount}),
                ],
            }
            for partner in payable
        ]
    )
    moves._post(soft=False)
    return moves.line_ids.filtered(lambda item: item.account_type == "liability_payable")


def peers_mode():
    """Our mode of payment once more, from a journal that is not the segregated one's, through an account in transit."""
    account = env["res.partner.bank"].create({"acc_number": iban(PROVIDERS), "partner_id": env.company.partner_id.id})
    journal = env["account.journal"].create(
        {"name": "Banc", "code": "BANC", "type": "bank", "bank_account_id": account.id}
    )
    ours = env.company._aptic_payment_mode()
    transit = env.company.aptic_transit_account_id.copy({"name": "Banc", "code": "580999"})
    lines = journal.outbound_payment_method_line_ids
    line = lines.filtered(lambda line: line.payment_method_id == ours.payment_method_id) or lines.create(
        {"journal_id": journal.id, "payment_method_id": ours.payment_method_id.id, "name": "Banc"}
    )
    line.payment_account_id = transit
    return ours.copy({"name": "Banc", "fixed_journal_id": journal.id})


def line_by_line(items, mode):
    """OCA's way: an order, a payment line for one claim after the other, confirmed, its file made."""
    order = env["account.payment.order"].create({"payment_mode_id": mode.id})
    for item in items:
        item.create_payment_line_from_move_line(order)
    order.draft2open()
    order.open2generated()
    return order


env.company.aptic_third_person_from = 0  # who pays is not what is measured
providers = make_providers()
payable = providers.partner_id
redeem(providers, COUNT, CUTOFF, "bench-")
env["aptic.posting"]._post_until(CUTOFF - timedelta(days=1))
env.cr.commit()
start = time.perf_counter()
query(
    """SELECT provider_id, territory_id, count(*), sum(voucher_count), sum(face_cents) FROM aptic_redemption
        WHERE state = 'done' AND received_at < %s GROUP BY provider_id, territory_id""",
    datetime.combine(CUTOFF, datetime.min.time()),
)
seen = {"aggregation": time.perf_counter() - start}
run = settlement_of(CUTOFF)
env.cr.commit()
seen["run"] = timed(run._take)
seen["statements"], seen["batch"] = told(run.with_user(checker)._approve, env["aptic.settlement"]._cron_make_documents)
seen["file"] = timed(run._pay)
seen["peak_mb"] = peak()
paid = run.sudo().statement_ids.filtered(lambda statement: statement.provider_id in providers).payout_line_ids
if len(paid) != PROVIDERS or round(sum(paid.mapped("amount_currency")) * 100) != COUNT * 960:
    raise AssertionError(f"{len(paid)} of {PROVIDERS} providers are in the order")
seen["sent"], seen["sent_batch"] = told(run.action_file_sent, env["account.payment.order"]._cron_aptic_book)
if set(run.sudo().payment_order_ids.mapped("state")) != {"uploaded"}:
    raise AssertionError("not all payments were booked")
if PEER:
    items, mode = owed_elsewhere(COUNT // PROVIDERS * 9.6), peers_mode()
    env.cr.commit()
    query("ANALYZE")
    orders = []
    seen["line_by_line"] = timed(lambda: orders.append(line_by_line(items, mode)))
    if len(orders[0].payment_line_ids) != PROVIDERS:
        raise AssertionError(f"OCA's order has {len(orders[0].payment_line_ids)} lines")
    seen["one_by_one"] = timed(orders[0].generated2uploaded)
    if not all(items.mapped("reconciled")):
        raise AssertionError("OCA's order left something open")
report(redemptions=COUNT, providers=PROVIDERS, **seen)
