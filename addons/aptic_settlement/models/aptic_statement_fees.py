from odoo import models

# With more rules than this a document names them together: the lines are on the screen.
MANY_RULES = 4


class ApticStatement(models.Model):
    """What the documents of a statement say of its fees."""

    _inherit = "aptic.statement"

    def _net_fees_to_transfer(self):
        """Set what statements owe to the segregated account against the fees that wait there.

        A statement without withheld fees has nothing to pay the fund's share from; so what is left on the account can
        leave (or be paid in) by one transfer, item by item of one sign.
        """
        open_items = self.env["account.move.line"].search(
            [
                ("account_id", "in", self.company_id.aptic_fees_out_account_id.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        if len(set(open_items.mapped(lambda item: item.amount_residual > 0))) > 1:
            open_items.reconcile()

    def _withheld_fees(self):
        """The fees that the provider pays: those that its documents speak of."""
        self.ensure_one()
        return self.fee_ids.filtered(lambda row: not row.sponsor_id)

    def _fee_lines(self):
        """What is withheld, in lines: the rule's words, the VAT in it, and the amount.

        :return: list of ``(text, cents)``; at least one
        """
        self.ensure_one()
        rows, paid_by_sponsors = self._withheld_fees().filtered("fee_cents"), self.fee_ids.filtered("sponsor_id")
        lines = [(self._fee_line(row, alone=len(self.fee_ids) == 1), row.fee_cents) for row in rows]
        if len(rows) > MANY_RULES:
            told = self.env._(
                "Fees by %(count)s rules, of which VAT %(tax)s", count=len(rows), tax=self.currency_id.format(self.tax)
            )
            lines = [(told, sum(rows.mapped("fee_cents")))]
        if paid_by_sponsors and rows:
            gross = sum(paid_by_sponsors.mapped("gross_cents")) / 100
            lines.append(
                (self.env._("Fee on %s of vouchers (paid by the sponsors)", self.currency_id.format(gross)), 0)
            )
        elif paid_by_sponsors:
            lines.append((self.env._("Fee (paid by the sponsors)"), 0))
        if contribution := self._contribution_cents():
            lines.append((self.env._("Contribution to the territorial fund (outside VAT)"), contribution))
        return lines or [(self.env._("Fee"), 0)]

    def _fee_line(self, row, alone):
        tax = self.currency_id.format(row.tax)
        if alone and row.kind == "rate":
            return self.env._("Fee %(rate)s %%, of which VAT %(tax)s", rate=row._rate_label(), tax=tax)
        told = row._label() if alone else row._told()
        return self.env._("%(fee)s, of which VAT %(tax)s", fee=told[:1].upper() + told[1:], tax=tax)

    def _prepare_fee_invoice_lines(self, told):
        """The lines of the fee invoice: one for each rate of VAT, so that it is rounded as on the statement.

        :param dict told: its part of :meth:`_analyses`
        """
        self.ensure_one()
        product = self.env.ref("aptic_settlement.product_counter_payment_fee")
        spoken = self.with_context(lang=self.provider_id.partner_id.lang or self.env.lang)
        rows = spoken._withheld_fees().filtered("fee_cents")
        return [
            {
                "product_id": product.id,
                "name": spoken._fee_invoice_label(same),
                "quantity": 1,
                "price_unit": sum(same.mapped("fee_cents")) / 100,
                "tax_ids": self.company_id._aptic_fee_tax(tax_bp).ids,
                **({"analytic_distribution": told[str(tax_bp)]} if told.get(str(tax_bp)) else {}),
            }
            for tax_bp, same in rows.grouped("tax_bp").items()
        ] + spoken._prepare_contribution_lines(self._contribution_cents(), told.get("contribution"))

    def _contribution_cents(self):
        """What the provider pays of the funds' share, besides its fees, in cents."""
        return sum(self._withheld_fees().mapped("fund_charged_cents"))

    def _prepare_contribution_lines(self, cents, told):
        """The line by which a provider pays the funds' share: outside VAT, it makes up for what the operator spends.

        No service is sold by it: the operator keeps nothing of it, what comes in is owed to the fund at once.
        """
        if not cents:
            return []
        return [
            {
                "name": self.env._("Contribution to the territorial funds (outside VAT)"),
                "quantity": 1,
                "price_unit": cents / 100,
                "account_id": self.company_id.aptic_fund_expense_account_id.id,
                "tax_ids": [],
                **({"analytic_distribution": told} if told else {}),
            }
        ]

    def _fee_invoice_label(self, rows):
        if len(rows) == 1 and rows.kind == "rate":
            return self.env._(
                "Counter-payment fee %(rate)s %% - statement %(number)s", rate=rows._rate_label(), number=self.name
            )
        title = self.env._("Counter-payment fees - statement %s", self.name)
        return "\n".join([title, *(f"{row._told()} : {self.currency_id.format(row.fee)}" for row in rows)])
