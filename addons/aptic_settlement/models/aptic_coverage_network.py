from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.aptic_voucher.days import paris_day
from odoo.tools import SQL

WARNING = "aptic_settlement.mail_activity_network"
STEPS = (100, 80)  # percent of the threshold, the highest first
PARAMETER = "aptic_settlement.limited_network_threshold"
USUAL = 1_000_000  # euros in twelve months: article L. 521-3 of the Code monétaire et financier


class ApticCoverage(models.Model):
    """How near twelve months' money in and out are to what a limited network has to declare."""

    _inherit = "aptic.coverage"

    network = fields.Monetary(
        string="Money in and out in 12 months",
        compute="_compute_network",
        help="What counts for the threshold: what came in and what was paid with vouchers, added up.",
    )
    network_in = fields.Monetary(
        string="Paid in by sponsors",
        compute="_compute_network",
        help="Face value that the bank's files brought in for orders in the twelve months that end on this day, less"
        " what was paid back of vouchers that never became active.",
    )
    network_out = fields.Monetary(
        string="Paid with vouchers",
        compute="_compute_network",
        help="Face value redeemed in the twelve months that end on this day; not what was cancelled or reversed.",
    )
    network_limit = fields.Monetary(string="Threshold to declare", compute="_compute_network")
    network_share = fields.Float(string="Share of the threshold (%)", digits=(16, 1), compute="_compute_network")

    @api.depends("day", "company_id")
    def _compute_network(self):
        limit = self._network_limit_cents()
        for proof in self:
            flows = self._network_flows(proof.day, proof.company_id) if proof.day else {"in": 0, "out": 0}
            cents = sum(flows.values())
            proof.network = cents / 100
            proof.network_in = flows["in"] / 100
            proof.network_out = flows["out"] / 100
            proof.network_limit = limit / 100
            proof.network_share = 100 * cents / limit

    @api.model
    def _network_limit_cents(self):
        return 100 * self.env["ir.config_parameter"]._get_number(PARAMETER, USUAL, least=1)

    @api.model
    def _network_flows(self, day, company):
        """What went through the network in the twelve months that end with ``day``: inflows plus outflows count.

        In: what the bank's files say that sponsors paid for vouchers, from the day on which the payment and what it
        pays are both booked. Out: face value
        redeemed, on the day of the scan and not of the settlement; what was cancelled or reversed since was not paid.
        Refunds of unused vouchers are neither: they undo an inflow that has counted.

        :return: ``{"in": cents, "out": cents}``
        """
        self.env.flush_all()
        after = day - relativedelta(months=12)
        [[cents]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(event.amount_cents), 0)::bigint
                  FROM aptic_event AS event
                  JOIN aptic_redemption AS redemption ON redemption.id = event.redemption_id
                  JOIN aptic_order AS voucher_order ON voucher_order.id = event.order_id
                 WHERE event.kind = 'redeem'
                   AND event.day > %s AND event.day <= %s
                   AND redemption.state NOT IN ('cancelled', 'reversed')
                   AND voucher_order.company_id = %s
                """,
                after,
                day,
                company.id,
            )
        )
        return {"in": max(0, self._received(day, company, after)["bank"]), "out": cents}

    @api.model
    def _cron_prove(self):
        """Prove, then look at the limited network's threshold."""
        result = super()._cron_prove()
        for company in self.env["res.company"].search([("aptic_ledger_journal_id", "!=", False)]):
            self._watch_network(company)
        return result

    @api.model
    def _watch_network(self, company):
        """Tell the accountants, once each, that 80 % and 100 % of the threshold are reached.

        Once the twelve months are below 80 % again, all that was told is forgotten, so that the next time is told too.

        :return: the activities
        """
        activities = self.env["mail.activity"]
        proof = self.sudo().search(
            [("company_id", "=", company.id), ("day", "<", paris_day(fields.Datetime.now()))], limit=1
        )
        if not proof:
            return activities
        flows, limit = self._network_flows(proof.day, company), self._network_limit_cents()
        cents = sum(flows.values())
        step = next((step for step in STEPS if 100 * cents >= step * limit), 0)
        told = company.aptic_network_told
        if step == told or 0 < step < told:
            return activities
        company.sudo().aptic_network_told = step
        if not step:
            return activities
        accountants = self.env.ref("aptic_base.group_aptic_accountant").all_user_ids
        for user in accountants.filtered(lambda user: user.active and not user.share):
            proof_in_words = proof.with_context(lang=user.lang)
            activities += proof.activity_schedule(
                WARNING,
                summary=proof_in_words._network_summary(step, flows, limit),
                note=proof_in_words._network_note(step),
                user_id=user.id,
            )
        return activities

    def _network_summary(self, step, flows, limit):
        return self.env._(
            "%(step)s %% of the limited network's threshold of %(limit)s: in 12 months sponsors paid in %(paid_in)s and"
            " vouchers paid %(paid_out)s",
            step=step,
            paid_in=self._money(flows["in"]),
            paid_out=self._money(flows["out"]),
            limit=self._money(limit),
        )

    def _network_note(self, step):
        if step < 100:
            return self.env._("Prepare the declaration to the ACPR: it is due once the threshold is passed.")
        return self.env._(
            "Declare the activity to the ACPR (article L. 521-3 of the Code monétaire et financier)"
            " and keep its answer."
        )
