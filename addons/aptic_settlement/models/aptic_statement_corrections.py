from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.fields import Command
from odoo.tools import SQL

from ..reversals import COLUMNS


class ApticStatement(models.Model):
    """Corrections: redemptions of earlier statements that were reversed, and the balance that goes to the next one."""

    _inherit = "aptic.statement"

    reversal_ids = fields.One2many(
        "aptic.reversal", "correction_statement_id", string="Reversed redemptions", readonly=True
    )
    correcting_ids = fields.One2many(
        "aptic.reversal", "statement_id", string="Reversed since", readonly=True, help="Undone by later statements."
    )
    correction_cents = Cents(
        required=True, readonly=True, default=0, help="Face value of reversed redemptions, taken back, in cents."
    )
    correction_fee_cents = Cents(
        required=True, readonly=True, default=0, help="Their fee, given back, VAT included, in cents."
    )
    correction_tax_cents = Cents(
        required=True, readonly=True, default=0, help="VAT part of the fee given back, in cents."
    )
    correction_fund_cents = Cents(
        required=True, readonly=True, default=0, help="Taken back from the territorial funds, in cents."
    )
    carried_from_id = fields.Many2one("aptic.statement", string="Carried over from", readonly=True, ondelete="restrict")
    carried_in_cents = Cents(
        required=True, readonly=True, default=0, help="Owed by the provider since the last statement, in cents."
    )
    carried_out_cents = Cents(
        required=True, readonly=True, default=0, help="Still owed by the provider, taken from the next one, in cents."
    )
    correction = fields.Monetary(string="Corrections", compute="_compute_corrections", help="Less the fee given back.")
    carried_in = fields.Monetary(string="Carried over from the last statement", compute="_compute_corrections")
    carried_out = fields.Monetary(string="Carried over to the next statement", compute="_compute_corrections")
    carried_reason = fields.Char(string="Why nothing is paid", compute="_compute_carried_reason", compute_sudo=True)

    _guarded_fields = frozenset({*COLUMNS, "carried_from_id", "due_cents"})

    _balance = models.Constraint(
        "CHECK(net_cents - correction_cents + correction_fee_cents - carried_in_cents = due_cents - carried_out_cents"
        " AND (due_cents = 0 OR carried_out_cents = 0)"
        " AND LEAST(due_cents, correction_cents, correction_fee_cents, correction_tax_cents, correction_fund_cents,"
        " carried_in_cents, carried_out_cents) >= 0)",
        "The net, the corrections and what is carried over must make what is paid.",
    )
    _carried_once = models.UniqueIndex(
        "(carried_from_id) WHERE carried_from_id IS NOT NULL", "A balance is carried over once."
    )
    _carries = models.Index("(provider_id) WHERE carried_out_cents > 0")

    def _init_column(self, column_name):
        """Statements from before there were corrections pay their net."""
        if column_name == "due_cents":
            self.env.cr.execute(SQL("UPDATE aptic_statement SET due_cents = net_cents"))
            return None
        return super()._init_column(column_name)

    @api.depends(*COLUMNS)
    def _compute_corrections(self):
        for statement in self:
            statement.correction = (statement.correction_fee_cents - statement.correction_cents) / 100
            statement.carried_in = -statement.carried_in_cents / 100
            statement.carried_out = -statement.carried_out_cents / 100

    @api.depends("carried_out_cents", "correction_cents")
    def _compute_carried_reason(self):
        for statement in self:
            amount = statement.currency_id.format(statement.carried_out_cents / 100)
            if not statement.carried_out_cents:
                statement.carried_reason = ""
            elif statement.correction_cents:
                statement.carried_reason = self.env._(
                    "Corrections are more than this month's vouchers: nothing is paid, and %(amount)s are taken from"
                    " the next statement.",
                    amount=amount,
                )
            else:
                statement.carried_reason = self.env._(
                    "What was carried over to this statement is more than this month's vouchers: nothing is paid, and"
                    " %(amount)s are taken from the next statement.",
                    amount=amount,
                )

    def _corrections(self):
        """The correction lines, for people: what was reversed, when, why, and what it takes back.

        :return: list of dicts ``day, place, service, told, cents, fee_cents`` in the order of their approval;
            ``told`` names the day of the scan, the statement that paid it, the vouchers and the reason; ``cents`` and
            ``fee_cents`` are positive
        """
        self.ensure_one()
        return [
            {
                "day": reversal.day,
                "place": reversal.redemption_id.place_id.name,
                "service": reversal.redemption_id.service_id.name,
                "told": reversal._told(),
                "cents": reversal.face_cents,
                "fee_cents": reversal.fee_cents,
            }
            for reversal in self.sudo().reversal_ids.sorted(lambda reversal: (reversal.decided_at, reversal.id))
        ]

    # --------------------------------------------------------------- documents
    def _post_fee_refunds(self, day):
        """Post the credit notes of the fees given back: one for each fee invoice that they correct.

        :return: for each statement, the items to reconcile: those of its credit notes and of its entry
        """
        plan, vals_list, groups = [], [], []
        for statement in self.filtered("correction_fee_cents"):
            for original, reversals in statement.reversal_ids.filtered("fee_cents").grouped("statement_id").items():
                vals_list.append(statement._prepare_fee_refund_vals(original, reversals, day))
                groups.append(reversals)
        for refund, reversals in zip(self._create_posted(vals_list), groups, strict=True):
            reversals._guarded_write({"refund_move_id": refund.id})
        for statement in self.filtered("correction_fee_cents"):
            refunds = statement.reversal_ids.refund_move_id.line_ids
            items = refunds | statement.move_id.line_ids.filtered("debit")
            plan.append(items.filtered(lambda item: item.account_type == "asset_receivable"))
        return plan

    def _prepare_fee_refund_vals(self, original, reversals, day):
        """The credit note that corrects the fee invoice of the statement ``original``, which it names."""
        self.ensure_one()
        invoice = original.fee_move_id
        partner = self.provider_id.partner_id
        label = self.with_context(lang=partner.lang or self.env.lang).env._(
            "Counter-payment fee given back - invoice %(invoice)s of statement %(number)s, vouchers %(serials)s",
            invoice=invoice.name,
            number=original.name,
            serials=", ".join(reversal._serials() for reversal in reversals),
        )
        earlier = original.correcting_ids.filtered(lambda reversal: 0 < reversal.correction_statement_id.id < self.id)
        before, told = earlier._fees_by_tax(), self._told_back(reversals)
        lines = [
            invoice._prepare_aptic_refund_line(label, cents, before.get(tax_bp, 0), tax_bp, told.get(tax_bp))
            for tax_bp, cents in reversals._fees_by_tax().items()
        ]
        lines += [
            Command.create({**line, "tax_ids": [Command.clear()]})
            for line in self._prepare_contribution_lines(reversals._contributions(), told.get("fund"))
        ]
        return invoice._prepare_aptic_refund_vals(self.name, day, lines)

    def _recovered_items(self):
        """For each statement that takes a balance over: the item that carried it, and the item that recovers it."""
        plan = []
        for statement in self.filtered("carried_in_cents"):
            earlier = statement.carried_from_id._recover_items().filtered(lambda item: item.debit > 0)
            own = statement._recover_items().filtered(lambda item: item.credit > 0 and item.partner_id)
            if earlier and not earlier.reconciled:
                plan.append(earlier | own)
        return plan

    def _recover_items(self):
        account = self.company_id.aptic_recover_account_id
        return self.move_id.line_ids.filtered(lambda item: item.account_id == account)

    # ----------------------------------------------------------------- closing
    def _close_unpaid(self):
        """Approved statements without anything to be paid are over; the provider is told why."""
        for statement in self.filtered(lambda statement: not statement.due_cents):
            statement._set_state(("approved",), "nil")
            if statement.carried_out_cents:
                provider = statement.sudo().provider_id._in_their_language()
                spoken = statement.with_env(provider.env)
                provider._tell_managers(
                    provider.env._("Statement %s: nothing is paid this month", statement.name),
                    spoken.carried_reason,
                    ("manager", "accountant"),
                )
