from markupsafe import Markup
from odoo import models
from odoo.addons.aptic_base.invoices import mentions
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import clock


class ApticOrder(models.Model):
    """The two documents of an order: face value outside VAT, fees with VAT."""

    _inherit = "aptic.order"

    def _make_documents(self):
        """Create and post the face value document and the fee invoice of the orders."""
        self._check_accounting_setup()
        for company, orders in self.grouped("company_id").items():
            vals_list, owners = [], []
            for order in orders:
                speaking = order.with_context(lang=order.sponsor_id.lang or order.env.lang)
                for field, vals in (
                    ("face_move_id", speaking._prepare_face_move()),
                    ("fee_move_id", speaking._prepare_fee_move()),
                ):
                    if vals:
                        vals_list.append(vals)
                        owners.append((order, field))
            moves = self.env["account.move"].with_company(company).create(vals_list)
            for (order, field), move in zip(owners, moves, strict=True):
                order._guarded_write({field: move.id})
            moves._post(soft=False)
        for order in self:
            if round(order.face_move_id.amount_total * 100) != order.face_cents:
                raise UserError(self.env._("The face value document of %(name)s is wrong.", name=order.name))

    def _check_accounting_setup(self):
        for order in self:
            company = order.company_id
            missing = [
                self.env["res.company"]._fields[name]._description_string(self.env)
                for name in ("aptic_bank_journal_id", "aptic_face_journal_id", "aptic_unactivated_account_id",
                             "aptic_funds_account_id")
                if not company[name]
            ]  # fmt: skip
            if missing:
                raise UserError(
                    self.env._(
                        "Set up first, in the #APTIC settings of %(company)s: %(fields)s.",
                        company=company.name, fields=", ".join(missing),
                    )
                )  # fmt: skip

    def _prepare_move(self):
        self.ensure_one()
        return {
            "move_type": "out_invoice",
            "partner_id": self.sponsor_id.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": clock.today(),
            "invoice_origin": self.name,
            "invoice_user_id": False,
        }

    def _prepare_face_move(self):
        """Values of the face value document: no tax, its own journal, a liability and never an income."""
        return {
            **self._prepare_move(),
            "journal_id": self.company_id.aptic_face_journal_id.id,
            "fiscal_position_id": False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": self.env._(
                            "#APTIC vouchers of order %(name)s, face value (outside VAT)", name=self.name
                        ),
                        "quantity": self.quantity,
                        "price_unit": self.face_value_cents / 100,
                        "account_id": self.company_id.aptic_unactivated_account_id.id,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }

    def _prepare_fee_move(self):
        """Values of the fee invoice, or None when nothing is charged."""
        lines = self._prepare_fee_lines()
        if not lines:
            return None
        journal = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "sale"),
                ("id", "!=", self.company_id.aptic_face_journal_id.id),
            ],
            limit=1,
        )
        vals = self._prepare_move()
        return {
            **vals,
            "narration": vals.get("narration", Markup()) + mentions(self.env),
            "journal_id": journal.id,
            "invoice_line_ids": [Command.create(line) for line in lines],
        }

    def _prepare_fee_lines(self):
        """Invoice lines of what the operator charges for the order; a hook for other fees.

        :return: list of values of ``account.move.line``
        """
        self.ensure_one()
        product = self.env.ref("aptic_voucher.product_fee").with_company(self.company_id)
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id) or self.company_id.account_sale_tax_id
        return [
            {
                "product_id": product.id,
                "name": self.env._("Production and dispatch of booklets, order %(name)s", name=self.name),
                "quantity": self.quantity // self.booklet_size,
                "price_unit": product.list_price,
                "tax_ids": [Command.set(taxes.ids)],
            }
        ]

    def _reverse_documents(self, moves):
        """Post the credit notes of ``moves`` and reconcile them."""
        posted = moves.filtered(lambda move: move.state == "posted" and not move.reversal_move_ids)
        if posted:
            posted._reverse_moves(
                [{"invoice_date": clock.today(), "invoice_origin": self.name} for _move in posted],
                cancel=True,
            )
