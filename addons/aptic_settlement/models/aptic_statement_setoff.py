from odoo import api, fields, models


class ApticStatement(models.Model):
    """Overdue invoices of the operator that the provider has agreed in writing to have set against what it is owed."""

    _inherit = "aptic.statement"

    set_off_ids = fields.One2many(
        "aptic.offset", "statement_id", domain=[("invoice_id", "!=", False)], string="Invoices set off", readonly=True
    )
    set_off_cents = fields.Integer(compute="_compute_set_off", compute_sudo=True)
    set_off = fields.Monetary(string="Invoices set off by agreement", compute="_compute_set_off", compute_sudo=True)
    payable = fields.Monetary(
        string="Net to be paid",
        compute="_compute_set_off",
        compute_sudo=True,
        help="What the statement comes to, less invoices that were set off when it was approved.",
    )

    @api.depends("due_cents", "set_off_ids.amount_cents")
    def _compute_set_off(self):
        for statement in self:
            cents = sum(statement.set_off_ids.mapped("amount_cents"))
            statement.set_off_cents = cents
            statement.set_off = -cents / 100
            statement.payable = (statement.due_cents - cents) / 100

    def _set_off_lines(self):
        """The lines that say which invoices were set off, by which agreement.

        :return: list of ``(text, cents)``, in the order in which they were set off
        """
        self.ensure_one()
        return [(offset._label(), offset.amount_cents) for offset in self.sudo().set_off_ids.sorted("id")]

    def _paper_set_off(self):
        """The same as rows of the paper, below what the statement comes to; none where nothing was set off."""
        money = self.currency_id.format
        rows = [(label, money(-cents / 100)) for label, cents in self._set_off_lines()]
        return [(self.env._("Net of the month"), money(self.due)), *rows] if rows else []

    # ----------------------------------------------------------------- set off
    def _invoices_to_set_off(self, day):
        """Which invoices may be set against these statements: none, as long as no addon knows of agreements.

        :param day: of the approval
        :return: list of ``(statement, invoice, values of aptic.offset)`` in the order in which to set off; the values
            say ``agreed_on``
        """
        return []

    def _set_off_invoices(self, day):
        """Set invoices against what is to be paid, never more than it, nor more than is open of the invoice right now.

        Each set-off is one entry: due to providers → the invoice; and, as the money is the operator's from then on,
        fees to come in → fees to transfer out.

        :param day: accounting date
        :return: the ``aptic.offset`` made (sudo)
        """
        statements = self.sudo()
        payables, rests, vals_list, plan = {}, {}, [], []
        for statement, invoice, vals in statements._invoices_to_set_off(day):
            if statement not in payables:
                payables[statement] = statement._payable_item()
                rests[statement] = -round(sum(payables[statement].mapped("amount_residual")) * 100)
            items = invoice.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable" and not item.reconciled
            )
            cents = min(round(sum(items.mapped("amount_residual")) * 100), rests[statement])
            if cents > 0:
                rests[statement] -= cents
                vals_list.append(statement._prepare_set_off_vals(invoice, items, cents, day))
                plan.append((statement, invoice, items, cents, vals))
        if not plan:
            return self.env["aptic.offset"].sudo()
        moves = statements._create_posted(vals_list)
        pairs, rows = [], []
        for move, (statement, invoice, items, cents, vals) in zip(moves, plan, strict=True):
            given = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            payables[statement] |= move.line_ids.filtered(lambda line: line.account_type == "liability_payable")
            pairs.append(items | given)
            rows.append(
                {
                    "statement_id": statement.id,
                    "invoice_id": invoice.id,
                    "company_id": statement.company_id.id,
                    "day": day,
                    "amount_cents": cents,
                    "move_id": move.id,
                    **vals,
                }
            )
        offsets = self.env["aptic.offset"].sudo()._guarded_create(rows)
        pairs += [payables[statement] for statement in offsets.statement_id]
        self.env["account.move.line"].sudo()._reconcile_plan(pairs)
        statements._net_fees_to_transfer()
        offsets.statement_id.filtered(lambda statement: not statement.to_pay)._set_state(("approved",), "nil")
        return offsets

    def _prepare_set_off_vals(self, invoice, items, cents, day):
        self.ensure_one()
        company = self.company_id
        return self.env["account.move"]._prepare_aptic_entry_vals(
            company,
            self.name,
            day,
            [
                (company.aptic_payable_account_id, cents, self.provider_id.partner_id),
                (items.account_id, -cents, items.partner_id),
                (company.aptic_fees_in_account_id, cents, False),
                (company.aptic_fees_out_account_id, -cents, False),
            ],
            name=self.env._("%(number)s: invoice %(invoice)s set off", number=self.name, invoice=invoice.name),
        )
