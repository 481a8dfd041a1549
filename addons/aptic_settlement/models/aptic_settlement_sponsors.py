from datetime import timedelta

from odoo import fields, models
from odoo.addons.aptic_base.invoices import mentions
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

DAYS_TO_PAY = 30  # what the law gives without another term, public buyers included


class ApticSettlement(models.Model):
    """Fees that sponsors pay: one invoice for each sponsor and settlement, one credit note for what comes back."""

    _inherit = "aptic.settlement"

    sponsor_invoice_ids = fields.Many2many(
        "account.move", string="Invoices to sponsors", compute="_compute_sponsor_invoice_ids", compute_sudo=True
    )
    sponsor_invoice_count = fields.Integer(compute="_compute_sponsor_invoice_ids", compute_sudo=True)

    def _compute_sponsor_invoice_ids(self):
        moves = self.env["account.move"].search([("aptic_fee_settlement_id", "in", self.ids)])
        by_settlement = moves.grouped("aptic_fee_settlement_id")
        for settlement in self:
            settlement.sponsor_invoice_ids = by_settlement.get(settlement, moves.browse())
            settlement.sponsor_invoice_count = len(settlement.sponsor_invoice_ids)

    def _sponsors_with_documents(self):
        """The sponsors who pay fees of this month, or had paid for scans that it corrects."""
        self.ensure_one()
        corrected = ("share_ids.redemption_id", "in", self.statement_ids.reversal_ids.redemption_id.ids)
        rows = self.env["aptic.statement.fee"]._read_group(
            [("sponsor_id", "!=", False), "|", ("statement_id.settlement_id", "=", self.id), corrected], ["sponsor_id"]
        )
        return self.env["aptic.sponsor"].browse(sorted(sponsor.id for (sponsor,) in rows))

    def _post_sponsor_documents(self, sponsors, day):
        """Invoice to each sponsor what it pays for this month, and give back what it had paid for reversed scans.

        What is there already is not made again.

        :param sponsors: only these
        :param day: accounting date
        """
        self.ensure_one()
        self._post_sponsor_invoices(sponsors, day)
        self._post_sponsor_refunds(sponsors, day)

    # ---------------------------------------------------------------- invoices
    def _post_sponsor_invoices(self, sponsors, day):
        rows = self.env["aptic.statement.fee"].search(
            [
                ("statement_id.settlement_id", "=", self.id),
                ("sponsor_id", "in", sponsors.ids),
                ("move_id", "=", False),
                "|", ("fee_cents", ">", 0), ("fund_charged_cents", ">", 0),
            ]
        )  # fmt: skip
        groups = rows.grouped("sponsor_id")
        told = self._sponsor_analysis(groups)
        invoices = self.statement_ids._create_posted(
            [self._prepare_sponsor_invoice_vals(sponsor, own, day, told[sponsor]) for sponsor, own in groups.items()]
        )
        for own, invoice in zip(groups.values(), invoices, strict=True):
            own.write({"move_id": invoice.id})

    def _sponsor_analysis(self, groups, acts=None):
        """What the lines of sponsors' invoices and credit notes are about, whatever their number at once.

        :param dict groups: the ``aptic.statement.fee`` of each document, by whatever names it
        :param acts: only these ``aptic.redemption``, default all that the fees are about
        :return: ``{what names it: {rate of VAT in basis points or "fund": analytic distribution}}``
        """
        if not groups:
            return {}
        statements = self.env["aptic.statement"]
        of_fee = {fee.id: key for key, fees in groups.items() for fee in fees}
        parts = statements._parts(
            SQL(
                "SELECT DISTINCT fee.statement_id, share.redemption_id FROM aptic_fee_share AS share"
                " JOIN aptic_statement_fee AS fee ON fee.id = share.fee_id WHERE fee.id = ANY(%s)%s",
                list(of_fee),
                SQL() if acts is None else SQL(" AND share.redemption_id = ANY(%s)", acts.ids),
            )
        )
        own_parts = {key: [] for key in groups}
        for part in parts:
            if part[1].id in of_fee:
                own_parts[of_fee[part[1].id]].append(part)
        weights = [
            (key, name, same) for key, own in own_parts.items() for name, same in statements._fee_weights(own).items()
        ]
        told = {key: {} for key in groups}
        distributions = self.company_id._aptic_distributions([same for _key, _name, same in weights])
        for (key, name, _same), distribution in zip(weights, distributions, strict=True):
            told[key][name] = distribution
        return told

    def _prepare_sponsor_invoice_vals(self, sponsor, rows, day, told):
        """The invoice of a sponsor: one line for each rate of VAT, its total is the sum of the shares to the cent.

        :param told: analytic distributions, see :meth:`_sponsor_analysis`
        """
        partner = sponsor.partner_id
        spoken = self.with_context(lang=partner.lang or self.env.lang)
        term = partner.with_company(self.company_id).property_payment_term_id
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "partner_id": partner.id,
            "journal_id": self.company_id._aptic_fee_journal().id,
            "invoice_date": day,
            "date": day,
            "invoice_payment_term_id": term.id,
            **({} if term else {"invoice_date_due": day + timedelta(days=DAYS_TO_PAY)}),
            "ref": self.name,
            "invoice_origin": self.name,
            "narration": spoken._sponsor_mentions(),
            "aptic_fee_settlement_id": self.id,
            "invoice_line_ids": [
                spoken._prepare_sponsor_line(
                    spoken._sponsor_label(same),
                    sum(same.mapped("fee_cents")),
                    self.company_id._aptic_fee_tax(tax_bp),
                    told.get(tax_bp),
                )
                for tax_bp, same in rows.filtered("fee_cents").with_env(spoken.env).grouped("tax_bp").items()
            ]
            + spoken._prepare_fund_lines(sum(rows.mapped("fund_charged_cents")), told.get("fund")),
        }

    def _prepare_sponsor_line(self, name, cents, tax, told=None):
        return Command.create(
            {
                "product_id": self.env.ref("aptic_settlement.product_counter_payment_fee").id,
                "name": name,
                "quantity": 1,
                "price_unit": cents / 100,
                "tax_ids": [Command.set(tax.ids)],
                **({"analytic_distribution": told} if told else {}),
            }
        )

    def _prepare_fund_lines(self, cents, told=None):
        """The line by which a sponsor pays the funds' share: outside VAT, it makes up for what the operator spends."""
        if not cents:
            return []
        return [
            Command.create(
                {
                    "name": self.env._("Contribution to the territorial funds (outside VAT)"),
                    "quantity": 1,
                    "price_unit": cents / 100,
                    "account_id": self.company_id.aptic_fund_expense_account_id.id,
                    "tax_ids": [Command.clear()],
                    **({"analytic_distribution": told} if told else {}),
                }
            )
        ]

    def _sponsor_label(self, rows):
        """What the line of an invoice says: the month, the orders, and what each rule makes of it."""
        title = self.env._(
            "Counter-payment fees of %(month)s - orders %(orders)s",
            month=self.name,
            orders=", ".join(self._orders_of_fees(rows)),
        )
        lines = [title]
        for same in rows.grouped("rule_id").values():
            money = same.currency_id.format
            lines.append(
                self.env._(
                    "%(fee)s on %(gross)s of vouchers settled: %(amount)s",
                    fee=same[:1]._label(),
                    gross=money(sum(same.mapped("gross_cents")) / 100),
                    amount=money(sum(same.mapped("fee_cents")) / 100),
                )
            )
        return "\n".join(lines)

    def _orders_of_fees(self, rows):
        """The names of the sponsors' orders whose vouchers these fees are about."""
        return [
            name
            for (name,) in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ordered.name
                      FROM aptic_fee_share AS share
                      JOIN aptic_event AS event ON event.redemption_id = share.redemption_id AND event.kind = 'redeem'
                      JOIN aptic_order AS ordered ON ordered.id = event.order_id
                     WHERE share.fee_id = ANY(%s) AND ordered.sponsor_id = ANY(%s)
                  ORDER BY ordered.name
                    """,
                    rows.ids,
                    rows.sponsor_id.ids,
                )
            )
        ]

    def _sponsor_mentions(self):
        return mentions(
            self.env,
            self.env._("Services: fees of the counter-payment. The face value of the vouchers is not part of this."),
        )

    # ----------------------------------------------------------------- refunds
    def _post_sponsor_refunds(self, sponsors, day):
        """A credit note for each invoice that had charged scans which this settlement corrects, reconciled with it.

        :raise UserError: while one of these invoices could not be made: the credit note would be forgotten
        """
        acts = self.statement_ids.reversal_ids.redemption_id
        own = self.env["account.move"].search([("aptic_fee_settlement_id", "=", self.id)])
        shares = self.env["aptic.fee.share"].search(
            [
                ("redemption_id", "in", acts.ids),
                ("fee_id.sponsor_id", "in", sponsors.ids),
                ("fee_id.move_id", "not in", own.reversed_entry_id.ids),
            ]
        )
        charged = shares.filtered(
            lambda share: share.fee_cents or (share.fund_cents and share.fee_id.fund_charged_cents)
        )
        waiting = charged.fee_id.filtered(lambda fee: not fee.move_id).statement_id.settlement_id
        if waiting:
            raise UserError(
                self.env._(
                    "The invoice of settlement %s, which charges scans that this one gives back, comes first: try its"
                    " documents again.",
                    waiting[0].name,
                )
            )
        groups = charged.grouped(lambda share: share.fee_id.move_id)
        fees = {invoice: own.fee_id for invoice, own in groups.items()}
        told, earlier = self._sponsor_analysis(fees, acts), self._given_back_before(charged.fee_id.move_id)
        refunds = self.statement_ids._create_posted(
            [
                self._prepare_sponsor_refund_vals(invoice, own, day, told[invoice], earlier.get(invoice.id, {}))
                for invoice, own in groups.items()
            ]
        )
        for invoice, refund in zip(groups, refunds, strict=True):
            items = (invoice | refund).line_ids.filtered(
                lambda item: item.account_type == "asset_receivable" and not item.reconciled
            )
            if len(items.move_id) > 1:
                items.reconcile()

    def _prepare_sponsor_refund_vals(self, invoice, shares, day, told, earlier):
        """The credit note of what an invoice had charged for scans that are reversed.

        :param shares: what each scan had of its fees
        :param told: analytic distributions, see :meth:`_sponsor_analysis`
        :param earlier: what was given back before, see :meth:`_given_back_before`
        """
        partner = invoice.partner_id
        spoken = self.with_context(lang=partner.lang or self.env.lang)
        label = spoken.env._(
            "Counter-payment fees given back - invoice %(invoice)s, reversed scans: vouchers %(serials)s",
            invoice=invoice.name,
            serials=", ".join(shares.redemption_id.mapped("serials")),
        )
        given_back = {
            tax_bp: sum(same.mapped("fee_cents"))
            for tax_bp, same in shares.filtered("fee_cents").grouped(lambda share: share.fee_id.tax_bp).items()
        }
        lines = [
            invoice._prepare_aptic_refund_line(label, cents, earlier.get(tax_bp, 0), tax_bp, told.get(tax_bp))
            for tax_bp, cents in given_back.items()
        ]
        lines += spoken._prepare_fund_lines(
            sum(share.fund_cents for share in shares if share.fee_id.fund_charged_cents), told.get("fund")
        )
        return {
            **invoice._prepare_aptic_refund_vals(self.name, day, lines),
            "aptic_fee_settlement_id": self.id,
        }

    def _given_back_before(self, invoices):
        """What earlier settlements gave back of invoices: ``{invoice id: {rate of VAT in basis points: cents}}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fee.move_id, fee.tax_bp, SUM(share.fee_cents)::bigint
                  FROM aptic_statement_fee AS fee
                  JOIN aptic_fee_share AS share ON share.fee_id = fee.id
                  JOIN aptic_reversal AS reversal ON reversal.redemption_id = share.redemption_id
                  JOIN aptic_statement AS taken ON taken.id = reversal.correction_statement_id
                  JOIN aptic_settlement AS earlier ON earlier.id = taken.settlement_id
                 WHERE fee.move_id = ANY(%s) AND earlier.id <> %s AND earlier.approved_on IS NOT NULL
              GROUP BY fee.move_id, fee.tax_bp
                """,
                invoices.ids,
                self.id,
            )
        )
        before = {}
        for invoice_id, tax_bp, cents in rows:
            before.setdefault(invoice_id, {})[tax_bp] = cents
        return before

    # ----------------------------------------------------------------- buttons
    def action_open_sponsor_invoices(self):
        """Smart button: what sponsors are invoiced for this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", self.sudo().sponsor_invoice_ids.ids)], "context": {"create": False}}
