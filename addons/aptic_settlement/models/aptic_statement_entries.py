from odoo import models
from odoo.addons.aptic_base.invoices import mentions
from odoo.fields import Command


class ApticStatement(models.Model):
    """The accounts of a statement: the fee invoice and one entry that turns scans due into a payable item."""

    _inherit = "aptic.statement"

    def _post_documents(self, day):
        """Make, post and reconcile the fee invoices and the entries of these statements.

        :param day: accounting date
        """
        if not self:
            return
        self.company_id.ensure_one()._aptic_check_settlement_accounts()
        charged, told = self.filtered("fee_cents"), self._analyses()
        invoices = self._create_posted(
            [statement._prepare_fee_invoice_vals(day, told[statement.id]) for statement in charged]
        )
        for statement, invoice in zip(charged, invoices, strict=True):
            statement._guarded_write({"fee_move_id": invoice.id})
        moves = self._create_posted([statement._prepare_move_vals(day, told[statement.id]) for statement in self])
        for statement, move in zip(self, moves, strict=True):
            statement._guarded_write({"move_id": move.id})
        self.env["account.move.line"]._reconcile_plan(
            [
                *(statement._receivable_items() for statement in charged),
                *self._post_fee_refunds(day),
                *self._recovered_items(),
            ]
        )

    def _create_posted(self, vals_list):
        moves = self.env["account.move"].with_context(mail_create_nosubscribe=True).create(vals_list)
        moves._post(soft=False)
        return moves

    # ---------------------------------------------------------------- prepare
    def _prepare_fee_invoice_vals(self, day, told):
        """The invoice of the fee: its total is the fee, VAT included, to the cent.

        :param dict told: its part of :meth:`_analyses`
        """
        self.ensure_one()
        company = self.company_id
        return {
            "move_type": "out_invoice",
            "company_id": company.id,
            "partner_id": self.provider_id.partner_id.id,
            "journal_id": company._aptic_fee_journal().id,
            "invoice_date": day,
            "date": day,
            "invoice_date_due": day,
            "invoice_payment_term_id": False,
            "ref": self.name,
            "invoice_origin": self.name,
            "narration": self._fee_invoice_mentions(),
            "invoice_line_ids": [
                Command.create({**line, "tax_ids": [Command.set(line["tax_ids"])]})
                for line in self._prepare_fee_invoice_lines(told)
            ],
        }

    def _fee_invoice_mentions(self):
        spoken = self.with_context(lang=self.provider_id.partner_id.lang or self.env.lang)
        return mentions(
            spoken.env,
            spoken.env._(
                "Service: counter-payment of vouchers. Withheld from statement %s on this day: nothing is left to pay.",
                self.name,
            ),
        )

    def _prepare_move_vals(self, day, told):
        """Scans due become the provider's claim and the operator's fee; the fund takes its share out of the fee.

        Corrections do the contrary; what they leave the provider owing is to be recovered from the next statement.

        :param dict told: its part of :meth:`_analyses`
        """
        self.ensure_one()
        company = self.company_id
        partner = self.provider_id.partner_id
        receivable = partner.with_company(company).property_account_receivable_id
        fund = self.fund_cents - self.correction_fund_cents
        kept = self.fee_cents - self.correction_fee_cents - fund
        entries = [
            (company.aptic_scans_due_account_id, self.gross_cents, False, told.get("gross")),
            (company.aptic_payable_account_id, -self.due_cents, partner),
            (receivable, -self.fee_cents, partner),
            (receivable, self.correction_fee_cents, partner),
            # The daily entry that it clears has no partner either: for each partner what is open is what is owed.
            (company.aptic_recover_account_id, -self.correction_cents, False, told.get("correction")),
            (company.aptic_recover_account_id, -self.carried_in_cents, partner),
            (company.aptic_recover_account_id, self.carried_out_cents, partner),
            (company.aptic_fund_expense_account_id, fund, False, told.get("fund")),
            (company.aptic_fund_account_id, -fund, False, told.get("fund")),
            (company.aptic_fees_in_account_id, kept, False),
            (company.aptic_fees_out_account_id, -kept, False),
        ]
        return self.env["account.move"]._prepare_aptic_entry_vals(company, self.name, day, entries)

    # ------------------------------------------------------------------ items
    def _receivable_items(self):
        """The invoice's receivable item and the item that settles it."""
        self.ensure_one()
        items = (self.fee_move_id + self.move_id).line_ids
        return items.filtered(
            lambda item: item.account_type == "asset_receivable" and (item.move_id == self.fee_move_id or item.credit)
        )

    def _payable_item(self):
        """The one item that says what the provider is owed."""
        return self.move_id.line_ids.filtered(lambda item: item.account_type == "liability_payable")
