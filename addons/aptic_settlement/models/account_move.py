from odoo import api, fields, models
from odoo.fields import Command


class AccountMove(models.Model):
    _inherit = "account.move"

    aptic_fee_settlement_id = fields.Many2one(
        "aptic.settlement",
        string="Fees of the settlement",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Invoice or credit note of a sponsor for the fees of a month.",
    )

    @api.model
    def _prepare_aptic_entry_vals(self, company, ref, day, rows, name=None):
        """An entry in the journal of the daily entries and the settlement.

        :param ref: number of what it books
        :param day: accounting date, and when what is a partner's falls due
        :param rows: ``(account, cents, partner)`` each; above zero is debited, zero is left out
        :param name: of its lines, default the number
        """
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": company.aptic_ledger_journal_id.id,
            "date": day,
            "ref": ref,
            "line_ids": [
                Command.create(
                    {
                        "name": name or ref,
                        "account_id": account.id,
                        "partner_id": partner and partner.id,
                        "balance": cents / 100,
                        "date_maturity": day if partner else False,
                    }
                )
                for account, cents, partner in rows
                if cents
            ],
        }

    def _prepare_aptic_refund_vals(self, origin, day, lines):
        """The credit note of a part of this invoice, which it names.

        :param origin: number of the document that gives it back
        :param day: its date
        :param lines: commands of its lines
        """
        self.ensure_one()
        return {
            "move_type": "out_refund",
            "reversed_entry_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "journal_id": self.journal_id.id,
            "invoice_date": day,
            "date": day,
            "invoice_date_due": day,
            "invoice_payment_term_id": False,
            "ref": self.name,
            "invoice_origin": origin,
            "invoice_line_ids": lines,
        }
