from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.aptic_voucher.days import paris_day
from odoo.tools import SQL

WARNING = "aptic_settlement.mail_activity_network"
STEPS = (100, 80)  # percent of the threshold, the highest first
PARAMETER = "aptic_settlement.limited_network_threshold"
USUAL = 1_000_000  # euros in twelve months: article L. 521-3-1 of the Code monétaire et financier


class ApticCoverage(models.Model):
    """How near the payments of twelve months are to what a limited network has to declare."""

    _inherit = "aptic.coverage"

    network = fields.Monetary(
        string="Paid by vouchers in 12 months",
        compute="_compute_network",
        help="Face value redeemed in the twelve months that end on this day; not what was cancelled or reversed.",
    )
    network_limit = fields.Monetary(string="Threshold to declare", compute="_compute_network")
    network_share = fields.Float(string="Share of the threshold (%)", digits=(16, 1), compute="_compute_network")

    @api.depends("day", "company_id")
    def _compute_network(self):
        limit = self._network_limit_cents()
        for proof in self:
            cents = self._network_cents(proof.day, proof.company_id) if proof.day else 0
            proof.network = cents / 100
            proof.network_limit = limit / 100
            proof.network_share = 100 * cents / limit

    @api.model
    def _network_limit_cents(self):
        return 100 * self.env["ir.config_parameter"]._get_number(PARAMETER, USUAL, least=1)

    @api.model
    def _network_cents(self, day, company):
        """Face value redeemed in the twelve months that end with ``day``, in cents.

        What was cancelled or reversed since was not paid and does not count. The month of the scan counts, not that of
        the settlement.
        """
        self.env.flush_all()
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
                day - relativedelta(months=12),
                day,
                company.id,
            )
        )
        return cents

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
        cents, limit = self._network_cents(proof.day, company), self._network_limit_cents()
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
                summary=proof_in_words._network_summary(step, cents, limit),
                note=proof_in_words._network_note(step),
                user_id=user.id,
            )
        return activities

    def _network_summary(self, step, cents, limit):
        return self.env._(
            "%(step)s %% of the limited network's threshold: %(paid)s paid by vouchers in 12 months, of %(limit)s",
            step=step,
            paid=self._money(cents),
            limit=self._money(limit),
        )

    def _network_note(self, step):
        if step < 100:
            return self.env._("Prepare the declaration to the ACPR: it is due once the threshold is passed.")
        return self.env._(
            "Declare the activity to the ACPR (article L. 521-3-1 of the Code monétaire et financier)"
            " and keep its answer."
        )
