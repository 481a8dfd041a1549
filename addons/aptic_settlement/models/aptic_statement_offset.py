from odoo import api, fields, models


class ApticStatement(models.Model):
    """What is known not to be owed is not paid: claims on a provider are set against its statements not paid yet."""

    _inherit = "aptic.statement"

    offset_ids = fields.One2many("aptic.offset", "statement_id", string="Set against it", readonly=True)
    offset_claim_ids = fields.One2many("aptic.offset", "claim_statement_id", string="Set against others", readonly=True)
    to_pay = fields.Monetary(
        string="Remains to be paid",
        compute="_compute_to_pay",
        compute_sudo=True,
        help="What is to be paid, less claims on the provider that were set against it.",
    )

    @api.depends("due_cents", "offset_ids.amount_cents")
    def _compute_to_pay(self):
        for statement in self:
            statement.to_pay = (statement.due_cents - sum(statement.offset_ids.mapped("amount_cents"))) / 100

    def _awaits_correction(self):
        """Those of these statements of which redemptions are reversed that no approved statement has taken back."""
        reversals = self.env["aptic.reversal"].sudo()
        waiting = reversals._read_group(
            [("statement_id", "in", self.ids), *reversals._coming_domain()], ["statement_id"]
        )
        return self.browse(statement.id for (statement,) in waiting)

    @api.depends("correcting_ids.decision", "correcting_ids.correction_statement_id.state", "provider_id.state")
    def _compute_payout_blocker(self):  # pylint: disable=missing-return
        super()._compute_payout_blocker()
        for statement in self.filtered(lambda one: one.state in ("approved", "returned"))._awaits_correction():
            statement.payout_blocker = self.env._(
                "Scans of this statement were reversed: the next statement takes them back first, then the rest is"
                " paid."
            )

    # ------------------------------------------------------------------ offset
    @api.model
    def _offset_claims(self, company, day, providers=None):
        """Set what providers have to give back against what they are owed and no order pays, the oldest first.

        Each offset is one entry: due to providers → to be recovered from providers, reconciled on both sides. What is
        set off whole has nothing to be paid any more.

        :param company: the operator's
        :param day: accounting date
        :param providers: only these, default all
        :return: the ``aptic.offset`` made (sudo)
        """
        statements = self.sudo()
        claims = statements._claim_items(company, providers)
        owed = statements._unpaid(company, claims.partner_id)
        vals_list, plan = [], []
        for partner, own_claims in claims.grouped("partner_id").items():
            left = {item: round(item.amount_residual * 100) for item in own_claims.sorted("id")}
            for statement in owed.filtered(lambda one, partner=partner: one.provider_id.partner_id == partner):
                payable = statement._payable_item()
                rest = -round(sum(payable.mapped("amount_residual")) * 100)
                for item, open_cents in left.items():
                    cents = min(open_cents, rest)
                    if cents > 0:
                        vals_list.append(statement._prepare_offset_vals(item, cents, day))
                        plan.append((statement, payable, item, cents))
                        left[item] -= cents
                        rest -= cents
        moves = self._create_posted(vals_list)
        recover = company.aptic_recover_account_id
        pairs, rows = [], []
        for move, (statement, payable, item, cents) in zip(moves, plan, strict=True):
            given = move.line_ids.filtered(lambda line: line.account_id == recover)
            pairs += [item | given, payable | (move.line_ids - given)]
            rows.append(
                {
                    "statement_id": statement.id,
                    "claim_statement_id": statements.search([("move_id", "=", item.move_id.id)]).id,
                    "company_id": company.id,
                    "day": day,
                    "amount_cents": cents,
                    "move_id": move.id,
                }
            )
        for pair in pairs:
            pair.reconcile()
        offsets = self.env["aptic.offset"].sudo()._guarded_create(rows)
        over = offsets.statement_id.filtered(lambda statement: not statement.to_pay)
        over._set_state(("approved", "returned"), "nil")
        (offsets.statement_id - over)._update_paid()
        over.settlement_id._update_state()
        return offsets

    def _claim_items(self, company, providers):
        """The open items of balances carried over; reversals that no statement has taken yet have no partner there."""
        domain = [
            ("account_id", "=", company.aptic_recover_account_id.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("debit", ">", 0),
            ("partner_id", "in", providers.partner_id.ids) if providers is not None else ("partner_id", "!=", False),
        ]
        items = self.env["account.move.line"].sudo().search(domain, order="id")
        carried = self.search([("move_id", "in", items.move_id.ids), ("carried_out_cents", ">", 0)])
        return items.filtered(lambda item: item.move_id in carried.move_id)

    def _unpaid(self, company, partners):
        """The statements of these partners that are owed and in no order, locked; the oldest first."""
        if not partners:
            return self.browse()
        domain = [
            ("company_id", "=", company.id),
            ("state", "in", ("approved", "returned")),
            ("provider_id.partner_id", "in", partners.ids),
        ]
        return self.search(domain, order="id")._lock_unpaid()

    def _prepare_offset_vals(self, claim, cents, day):
        self.ensure_one()
        company, partner = self.company_id, self.provider_id.partner_id
        name = self.env._("%(number)s: set off against %(claim)s", number=self.name, claim=claim.move_id.ref)
        return self.env["account.move"]._prepare_aptic_entry_vals(
            company,
            self.name,
            day,
            [
                (company.aptic_payable_account_id, cents, partner),
                (company.aptic_recover_account_id, -cents, partner),
            ],
            name=name,
        )
