from odoo import api, fields, models
from odoo.fields import Command

from ..reversals import tax_given_back


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
        :param rows: ``(account, cents, partner)`` each, and at wish its analytic distribution; above zero is debited,
            zero is left out
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
                        **({"analytic_distribution": told[0]} if told and told[0] else {}),
                    }
                )
                for account, cents, partner, *told in rows
                if cents
            ],
        }

    def _prepare_aptic_refund_line(self, name, cents, before, tax_bp, told=None):
        """A line of a credit note that gives a part of this invoice back, at one of its rates of VAT.

        With those of earlier credit notes, its VAT is that of all that was given back, rounded once.

        :param name: what it says
        :param cents: VAT included
        :param before: what earlier credit notes gave back of this invoice at this rate, VAT included, in cents
        :param tax_bp: the rate in basis points
        :param told: analytic distribution
        :return: the command of the line
        """
        self.ensure_one()
        charged = self.invoice_line_ids.tax_ids
        taxes = charged.filtered(lambda tax: round(tax.amount * 100) == tax_bp)
        vals = {
            "product_id": self.invoice_line_ids.product_id[:1].id,
            "name": name,
            "quantity": 1,
            "price_unit": cents / 100,
            "tax_ids": [Command.set(taxes.ids)],
            **({"analytic_distribution": told} if told else {}),
        }
        if taxes:
            tax = tax_given_back(before, cents, tax_bp)
            net = (cents - tax) / 100
            vals["extra_tax_data"] = {
                "currency_id": self.currency_id.id,
                "price_unit": cents / 100,
                "discount": 0.0,
                "quantity": 1.0,
                "rate": 1.0,
                "manual_total_excluded_currency": net,
                "manual_tax_amounts": {
                    str(taxes.ensure_one().id): {"tax_amount_currency": tax / 100, "base_amount_currency": net}
                },
            }
        return Command.create(vals)

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
