import base64
import logging
import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.models.aptic_rule import FIELD_OF_KIND
from odoo.fields import Command

from ..demo import history
from ..demo.camt import Entry, camt053

_logger = logging.getLogger(__name__)

PROVIDERS = [f"aptic_base.demo_provider_{number:02}" for number in range(1, 9)]
ANALYZE = (
    "ANALYZE account_move, account_move_line, account_partial_reconcile, account_payment, aptic_event, aptic_redemption"
)


class ApticSettlement(models.Model):
    _inherit = "aptic.settlement"

    # ------------------------------------------------------------------- load
    @api.model
    def _load_demo_money(self):
        """Live the demonstration's three months: orders funded by the bank's files, visits, one month settled and paid.

        Every act is the real verb at its own past moment. The last full month is left for the newcomer to settle.
        It may run again: what is there is left alone.
        """
        if self.env.ref("aptic_settlement.demo_settlement", raise_if_not_found=False):
            return
        origin = history.add_months(clock.today().replace(day=1), -3)
        chance = random.Random(2026)
        self._demo_bank_accounts()
        orders = {plan: self._demo_order(plan, origin) for plan in history.ORDERS}
        first, second = ({plan: o for plan, o in orders.items() if (plan.month == 2) is late} for late in (False, True))
        self._demo_fund(first, history.day_of(origin, 0, 14))
        self._demo_lots(first, history.day_of(origin, 0, 16))
        self.env.cr.execute(ANALYZE)
        booklets = self.env["aptic.booklet"]
        stock = {order: [code for _serial, code in sorted(booklets._codes(order))] for order in orders.values()}
        desks = self._demo_desks()
        self._demo_visits(origin, 1, 2, first, stock, desks, chance)
        self.env.cr.execute(ANALYZE)
        for month in (1, 2):
            self._demo_quiet_day(history.add_months(origin, month) - timedelta(days=1))
        self._demo_fee_rules(history.add_months(origin, 1))
        self._demo_settle(origin)
        self._demo_fund(second, history.day_of(origin, 2, 10))
        self._demo_deposit(origin)
        self._demo_visits(origin, 2, 4, orders, stock, desks, chance)
        self._demo_ends(origin, orders)
        self._demo_reversal(origin)
        self._demo_grants(origin)
        self._demo_proofs(origin)
        self._demo_wake()
        self._demo_alert()

    def _demo_name(self, name, record):
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"aptic_settlement.{name}", "record": record, "noupdate": True}]
        )

    # ------------------------------------------------------------------- bank
    def _demo_bank_accounts(self):
        company = self.env.company
        bank = self.env["res.bank"].create({"name": "Banque de la démonstration", "bic": "AGRIFRPPXXX"})
        own = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank"), ("id", "!=", company.aptic_bank_journal_id.id)],
            limit=1,
        )
        for journal, iban in (
            (company.aptic_bank_journal_id, history.SEGREGATED_IBAN),
            (own, history.OPERATOR_IBAN),
        ):
            if journal and not journal.bank_account_id:
                journal.bank_account_id = self.env["res.partner.bank"].create(
                    {"acc_number": iban, "partner_id": company.partner_id.id, "bank_id": bank.id}
                )

    def _demo_bank(self, day, entries):
        """The bank's statement of the segregated account on ``day``, imported as an accountant does."""
        journal = self.env.company.aptic_bank_journal_id
        last = self.env["account.bank.statement"]._aptic_last(journal)
        number = f"CANTO-{day:%Y-%j}"
        data = camt053(
            journal.bank_account_id.acc_number, number, day, round(last.balance_end_real * 100), list(entries)
        )
        self.env["account.statement.import"].create(
            {"statement_file": base64.b64encode(data), "statement_filename": f"{number}.xml"}
        )._import_file()

    def _demo_quiet_day(self, day):
        """The bank's word on a day without movements; a past that is closed already keeps its statements."""
        last = self.env["account.bank.statement"]._aptic_last(self.env.company.aptic_bank_journal_id)
        if last.aptic_closing_day < day:
            self._demo_bank(day, [])

    # ----------------------------------------------------------------- orders
    def _demo_order(self, plan, origin):
        day = history.day_of(origin, plan.month, plan.day)
        territories = self.env["aptic.territory"]
        rules = [
            Command.create(
                {
                    "kind": kind,
                    FIELD_OF_KIND[kind]: [
                        Command.set(territories.search([("kind", "=", level), ("code", "=", code)]).ids)
                    ],
                }
            )
            for kind, level, code in plan.rules
        ]
        order = self.env["aptic.order"].create(
            {
                "sponsor_id": self.env.ref(f"aptic_base.demo_sponsor_{plan.sponsor}").id,
                "quantity": plan.quantity,
                "booklet_size": plan.size,
                "last_day": history.day_of(origin, plan.last_month, plan.last_day),
                "tolerance_months": plan.tolerance,
                "message": plan.message,
                "rule_ids": rules,
            }
        )
        for verb, days in (("_confirm", 0), ("_approve_proof", 1), ("_issue", 2), ("_deliver", 4)):
            with clock.at(history.moment(day + timedelta(days=days), 11)):
                getattr(order, verb)()
        self._demo_name(f"demo_order_{plan.name}", order)
        return order

    def _demo_fund(self, orders, day):
        """The sponsors pay, the bank says so, the vouchers become active."""
        self._demo_bank(
            day,
            [
                Entry(order.face_cents, text=f"Bons APTIC commande {order.name}", name=order.sponsor_id.name)
                for order in orders.values()
            ],
        )
        with clock.at(history.moment(day + timedelta(days=1), 9)):
            for order in orders.values():
                order._activate()

    def _demo_lots(self, orders, day):
        """A distributor gets most booklets of each order, hands them out, and keeps a few; some come back."""
        relay = self.env.ref("aptic_base.demo_distributor_01")
        for plan, order in orders.items():
            count = order.quantity // order.booklet_size
            with clock.at(history.moment(day, 10)):
                lots = self.env["aptic.distribution"]
                lot = lots._load_demo_lot(f"aptic_settlement.demo_lot_{plan.name}", order, relay, count)
            last = lot.serial_to - order.booklet_size * (count // 8)
            with clock.at(history.moment(day + timedelta(days=2), 15)):
                relay._hand_out(str(lot.serial_from), str(last))

    def _demo_ends(self, origin, orders):
        """One order ran out, another one is closed: all its vouchers were used or given up."""
        for plan, order in orders.items():
            if not plan.end:
                continue
            with clock.at(history.moment(order._last_accepted_day() + timedelta(days=1), 6)):
                order._expire()
            if plan.end == "closed":
                self._demo_close(order, history.day_of(origin, 2, 15))

    def _demo_close(self, order, day):
        """The sponsor signs the joint statement, the unused value goes back, the bank says so."""
        signer = order.sponsor_id.member_ids.filtered(lambda member: member.role == "manager")[:1].user_id
        with clock.at(history.moment(day, 10)):
            closing = order._draw_closing()
            closing.with_user(signer or self.env.user).sudo()._sign()
            order._return_unused()
        if order.to_refund:
            text = f"Remboursement {order.name}"
            self._demo_bank(
                day + timedelta(days=3), [Entry(-round(order.to_refund * 100), text=text, name=order.sponsor_id.name)]
            )

    def _demo_deposit(self, origin):
        """An order that is paid in part and ends soon: some booklets are active, its sponsor was told of the end."""
        plan = history.DEPOSIT
        order = self._demo_order(plan, origin)
        self._demo_bank(
            history.day_of(origin, 2, 11),
            [Entry(order.face_cents // 2, text=f"Acompte {order.name}", name=order.sponsor_id.name)],
        )
        line = self.env["account.bank.statement"]._aptic_last(self.env.company.aptic_bank_journal_id).line_ids
        line._aptic_reconcile_with(
            order.face_move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        )
        with clock.at(history.moment(history.day_of(origin, 2, 12), 9)):
            order._activate()
        order.distributor_ids = self.env["aptic.distributor"].search([], limit=2)
        order._extend(
            clock.today() + timedelta(days=20), "À la demande du CCAS, dont les ateliers commencent plus tard"
        )
        order._remind(30)
        order._guarded_write({"reminded_days": 30})

    # ----------------------------------------------------------------- visits
    def _demo_desks(self):
        """``(place, members who scan, offers there)`` of the active providers; the first ones see more people."""
        desks = []
        for name in PROVIDERS:
            provider = self.env.ref(name)
            members = provider.member_ids.filtered(lambda member: member.role in ("manager", "mediator"))
            for place in provider.place_ids:
                offers = provider.offer_ids.filtered(lambda offer, place=place: place in (offer.place_ids or place))
                if members and offers:
                    desks.append((place, members, offers))
        return desks

    def _demo_visits(self, origin, since, until, orders, stock, desks, chance):
        """Scans from the first day of month ``since`` to the end of month ``until - 1``, yesterday at the latest."""
        last = min(history.add_months(origin, until), clock.today()) - timedelta(days=1)
        audiences = self.env["aptic.audience"].search([("code", "!=", False)])
        redemptions = self.env["aptic.redemption"].sudo()
        weights = [6 if place.territory_id.code.startswith(("33", "64")) else 2 for place, _members, _offers in desks]
        done = 0
        for at in history.visits(history.add_months(origin, since), last, chance):
            place, members, offers = chance.choices(desks, weights)[0]
            order = self._demo_choose(place, at, orders, stock, chance)
            if not order:
                continue
            offer = chance.choice(offers)
            price = offer.price_cents
            codes = stock[order][: max(1, chance.choice((1, 1, -(-price // 1000))))]
            answer = redemptions._redeem_locked(
                chance.choice(members),
                place,
                offer,
                chance.choice(offer.audience_ids or audiences),
                codes,
                price,
                f"demo-{at:%Y%m%d%H%M}-{codes[0][:10]}",
                at,
                now=at,
            )
            if answer["status"] == "done":
                del stock[order][: len(codes)]
                done += 1
            else:
                _logger.info("demonstration: a visit at %s was refused: %s", place.name, answer["status"])
        _logger.info("demonstration: %s visits", done)

    def _demo_choose(self, place, at, orders, stock, chance):
        """An order whose vouchers are taken at this place on that day, those that end first before the others."""
        department = place.territory_id.code[:2]
        day = fields.Date.to_date(at)
        possible = [
            order
            for plan, order in orders.items()
            if len(stock[order]) > 1
            and (not plan.departments or department in plan.departments)
            and day <= order._last_accepted_day()
            and (plan.end != "expired" or len(stock[order]) > plan.quantity // 3)
        ]
        ending = [order for plan, order in orders.items() if plan.end and order in possible]
        return chance.choice(ending or possible) if possible else None

    # ------------------------------------------------------------- settlement
    def _demo_settle(self, origin):
        """The month before last: computed, approved by the second person, paid by the bank, fees transferred out."""
        first = history.add_months(origin, 2)
        settlement = self.create({"cutoff_day": first})
        maker = self.env.ref("aptic_base.demo_user_compta")
        checker = self.env.ref("aptic_base.demo_user_approbation")
        self.env["aptic.posting"]._post_until(first - timedelta(days=1))
        if "aptic.alert.rule" in self.env:  # past months are not looked at
            self.env["aptic.alert.rule"]._skip_all()
        settlement.with_user(maker)._take(at=history.moment(first + timedelta(days=1), 10))
        settlement.with_user(checker)._approve(at=history.moment(first + timedelta(days=1), 15))
        self._demo_name("demo_settlement", settlement)
        order = settlement.with_user(maker)._pay().sudo()
        payments = order.payment_ids
        payments.write({"date": first + timedelta(days=2)})
        settlement.with_user(maker).action_file_sent()
        self._demo_bank(
            first + timedelta(days=3),
            [
                Entry(
                    -round(payment.amount * 100),
                    text=payment.payment_reference or "",
                    end_to_end=payment._aptic_end_to_end(),
                    name=payment.partner_id.name,
                    iban=payment.partner_bank_id.sanitized_acc_number,
                )
                for payment in payments
            ],
        )
        fees = sum(settlement.statement_ids.mapped("fee_cents")) - sum(settlement.statement_ids.mapped("fund_cents"))
        self._demo_bank(
            first + timedelta(days=6),
            [Entry(-fees, text=f"Virement interne frais {settlement.name}", iban=history.OPERATOR_IBAN)],
        )
        self._demo_return(settlement, first + timedelta(days=7))

    def _demo_return(self, settlement, day):
        """One payment comes back, as its account was closed: the provider is told, and has to give other details."""
        provider = self.env.ref(PROVIDERS[-1])
        payment = settlement.statement_ids.filtered(lambda one: one.provider_id == provider)._payment()
        self._demo_bank(
            day,
            [
                Entry(
                    round(payment.amount * 100),
                    text=f"Retour de virement {payment.payment_reference or ''}",
                    end_to_end=payment._aptic_end_to_end(),
                    name=provider.name,
                    return_code="AC04",
                )
            ],
        )

    def _demo_reversal(self, origin):
        """Staff ask that a visit of that month be reversed: the second person finds it in the queue."""
        provider = self.env.ref(PROVIDERS[0])
        settlement = self.env.ref("aptic_settlement.demo_settlement")
        act = settlement.statement_ids.redemption_ids.filtered(
            lambda act: act.provider_id == provider and all(order.state == "active" for order in act.event_ids.order_id)
        )[-1:]
        if not act:
            return
        staff = self.env.ref("aptic_base.demo_user_paul")
        with clock.at(history.moment(history.add_months(origin, 2) + timedelta(days=8), 11)):
            reversal = (
                self.env["aptic.reversal"]
                .with_user(staff)
                ._ask(act, "Le bénéficiaire nous écrit que l'atelier n'a pas eu lieu")
            )
        self._demo_name("demo_reversal", reversal)

    # ----------------------------------------------------------------- proofs
    def _demo_proofs(self, origin):
        """Book the closed days, then prove the ends of months and the last week."""
        yesterday = clock.today() - timedelta(days=1)
        self.env["aptic.posting"]._post_until(yesterday)
        self.env.cr.execute(ANALYZE)
        days = {history.add_months(origin, month) - timedelta(days=1) for month in (1, 2, 3)}
        days |= {yesterday - timedelta(days=ago) for ago in range(7)}
        for day in sorted(days):
            self._demo_quiet_day(day)
            self.env["aptic.coverage"]._prove(day)

    def _demo_wake(self):
        """Subscriptions start with the first scan, where the addon of memberships is loaded already."""
        if "aptic.subscription" not in self.env:
            return
        for provider, day in self.env["aptic.redemption"]._read_group([], ["provider_id"], ["day:min"]):
            self.env["aptic.subscription"]._wake(provider.id, day)
        self.env["aptic.provider"]._load_demo_subscriptions()

    def _demo_alert(self):
        """Scans that look wrong, where the addon of the desk is loaded already."""
        if "aptic.alert.rule" in self.env:
            self.env["aptic.alert.rule"]._load_demo_alert()
