from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .. import clock

ACCOUNTANTS = ("aptic_base.group_aptic_accountant",)


class ApticOrder(models.Model):
    """After the end: a joint statement that the sponsor signs, credit notes of unused face value, the refund, *closed*.

    Only face value goes back: the fees paid for making the booklets stay due. Nothing of it is ever an income.
    """

    _inherit = "aptic.order"

    closing_ids = fields.One2many("aptic.closing", "order_id", readonly=True)
    closing_id = fields.Many2one("aptic.closing", string="Joint statement", compute="_compute_closing_id")
    closing_stage = fields.Char(compute="_compute_closing_id")
    return_move_id = fields.Many2one(
        "account.move",
        string="Credit note of unused vouchers",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    surplus_move_id = fields.Many2one(
        "account.move",
        string="Credit note of vouchers never activated",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    to_refund = fields.Monetary(string="Still to be refunded", compute="_compute_to_refund")

    _guarded_fields = frozenset({"return_move_id", "surplus_move_id"})

    @api.depends("closing_ids.stage")
    def _compute_closing_id(self):
        for order in self:
            order.closing_id = order.closing_ids.sorted("id")[-1:]
            order.closing_stage = order.closing_id.stage

    @api.depends("return_move_id.amount_residual", "surplus_move_id.amount_residual")
    def _compute_to_refund(self):
        for order in self.sudo():
            order.to_refund = sum((order.return_move_id | order.surplus_move_id).mapped("amount_residual"))

    # -------------------------------------------------------------- statement
    def _draw_closing(self):
        """Draw the joint statement of expired orders, from the ledger, and ask the sponsor to sign it.

        :return: the ``aptic.closing`` records
        :raise UserError: when an order is not expired, has scans that are not settled, has lost its cover, or when its
            last statement still says the same and waits for an answer or has one
        """
        closings = self.env["aptic.closing"]
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state"])
        for order in self:
            order._check_closable()
            vals = order.sudo()._prepare_closing()
            last = order.closing_id
            if last.stage in ("waiting", "signed", "tacit") and all(last[key] == vals[key] for key in order._agreed()):
                raise UserError(self.env._("%s says this already: the sponsor answers that one.", last.name))
            closing = closings.sudo()._guarded_create([vals])
            order.invalidate_recordset(["closing_ids", "closing_id"])
            order._announce_to_sponsor(lambda env, closing=closing: closing._words(env))
            closings |= closing
        return closings.sudo(False)

    def _check_closable(self):
        self.ensure_one()
        if self.state != "expired" or self.return_move_id or self.surplus_move_id:
            raise UserError(
                self.env._("The joint statement of %s is drawn once its vouchers have expired.", self.display_name)
            )
        if self.shortfall_cents:
            raise UserError(
                self.env._("%s has vouchers without cover: find the missing money first.", self.display_name)
            )
        [(count, held)] = self.env.execute_query(
            SQL(
                """SELECT count(DISTINCT act.id), count(DISTINCT act.id) FILTER (WHERE act.is_held)
                     FROM aptic_event AS event
                     JOIN aptic_redemption AS act ON act.id = event.redemption_id
                    WHERE event.order_id = %s AND event.kind = 'redeem' AND act.state = 'done'""",
                self.id,
            )
        )
        if held:
            raise UserError(
                self.env._(
                    "%(count)s scans of %(name)s are not settled yet, %(held)s of them under verification: no"
                    " settlement takes these before somebody has released or cancelled them.",
                    count=count,
                    name=self.display_name,
                    held=held,
                )
            )
        if count:
            raise UserError(
                self.env._(
                    "%(count)s scans of %(name)s are not settled yet and could still be cancelled: wait for the month's"
                    " settlement.",
                    count=count,
                    name=self.display_name,
                )
            )

    @api.model
    def _agreed(self):
        """The fields of a statement that its signature is about."""
        return ("activated_count", "redeemed_count", "unused_cents", "surplus_cents", "received_cents")

    def _prepare_closing(self):
        """What the joint statement of an order says, by the ledger and the bank."""
        self.ensure_one()
        counts = self._counts()[self.id]
        return {
            "name": self.env._(
                "%(order)s - joint statement %(number)s", order=self.name, number=len(self.closing_ids) + 1
            ),
            "order_id": self.id,
            "drawn_at": clock.now(),
            "drawn_by_id": self.env.uid,
            "last_day": self.last_day,
            "accepted_until": self._last_accepted_day(),
            "ordered_count": self.quantity,
            "printed_count": counts["printed"],
            "activated_count": counts["activated"],
            "redeemed_count": counts["redeemed"],
            "expired_count": counts["expired"],
            "blocked_count": counts["blocked"],
            "replaced_count": counts["replaced"],
            "face_cents": self.face_cents,
            "received_cents": self.received_cents,
            "activated_cents": self.activated_cents,
            "redeemed_cents": counts["redeemed_cents"],
            "unused_cents": self.activated_cents - counts["redeemed_cents"],
            "surplus_cents": self.received_cents - self.activated_cents,
        }

    # ----------------------------------------------------------------- return
    def _return_unused(self):
        """Post the credit notes of an order whose joint statement is agreed; the bank's transfer then closes it.

        One credit note is about vouchers that were active and not used (its money waits in *to be returned*), the other
        one about face value that was invoiced and never activated: it pays what the sponsor still owed first.

        :raise UserError: when the statement is not agreed, or no longer says what the ledger says
        :raise AccessError: when the user is no accountant
        """
        self._check_any_group(ACCOUNTANTS)
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state", "return_move_id", "surplus_move_id"])
        for order in self.filtered(lambda order: not (order.return_move_id or order.surplus_move_id)).sudo():
            if order.state == "closed":
                continue
            order._check_closable()
            closing = order.closing_id
            if not closing._is_agreed():
                raise UserError(
                    order.env._("The sponsor has not signed the joint statement of %s yet.", order.display_name)
                )
            now = order._prepare_closing()
            if any(closing[key] != now[key] for key in order._agreed()):
                raise UserError(order.env._("%s is no longer true: draw another one.", closing.name))
            order._make_credit_notes(closing)
            order._close_if_returned()

    def _make_credit_notes(self, closing):
        self.ensure_one()
        speaking = self.with_context(lang=self.sponsor_id.lang or self.env.lang)
        never = self.face_cents - self.activated_cents
        wanted = [
            ("return_move_id", speaking._prepare_return_move(closing) if closing.unused_cents else None),
            ("surplus_move_id", speaking._prepare_surplus_move() if never else None),
        ]
        for field, vals in wanted:
            if vals:
                move = self.env["account.move"].with_company(self.company_id).create(vals)
                self._guarded_write({field: move.id})
                move._post(soft=False)
        if round(self.return_move_id.amount_total * 100) != closing.unused_cents:
            raise UserError(self.env._("The credit note of %s is wrong.", self.name))
        if self.surplus_move_id:
            claims = (self.face_move_id | self.surplus_move_id).line_ids.filtered(
                lambda item: item.account_type == "asset_receivable" and not item.reconciled
            )
            if len(claims.move_id) > 1:
                claims.reconcile()
        if closing.unused_cents:
            self._append_event("refund", closing.unused_cents // self.face_value_cents, reason=closing.name)

    def _prepare_credit_note(self, name, cents, account):
        return {
            **self._prepare_move(),
            "move_type": "out_refund",
            "journal_id": self.company_id.aptic_face_journal_id.id,
            "fiscal_position_id": False,
            "ref": self.face_move_id.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": name,
                        "quantity": cents // self.face_value_cents,
                        "price_unit": self.face_value_cents / 100,
                        "account_id": account.id,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }

    def _prepare_return_move(self, closing):
        """Values of the credit note of unused vouchers: face value only, no tax, out of what is to be returned."""
        return self._prepare_credit_note(
            self.env._("#APTIC vouchers of order %(name)s, not used: face value (outside VAT)", name=self.name),
            closing.unused_cents,
            self._return_account(),
        )

    def _prepare_surplus_move(self):
        """Values of the credit note of face value that was never activated."""
        return self._prepare_credit_note(
            self.env._("#APTIC vouchers of order %(name)s, never activated: face value (outside VAT)", name=self.name),
            self.face_cents - self.activated_cents,
            self.company_id.aptic_unactivated_account_id,
        )

    def _return_account(self):
        """The account that holds the value of expired vouchers."""
        return self.company_id.aptic_funds_account_id

    def _close_if_returned(self):
        """Close the expired orders of which nothing is left to be refunded."""
        for order in self.sudo().filtered(lambda order: order.state == "expired"):
            notes = order.return_move_id | order.surplus_move_id
            payments = notes.line_ids.matched_debit_ids.debit_move_id.move_id.origin_payment_id
            if (
                order.closing_id._is_agreed()
                and all(note.state == "posted" and note.currency_id.is_zero(note.amount_residual) for note in notes)
                and all(payments.mapped("is_matched"))
            ):
                order._set_state(("expired",), "closed")
                order._announce_to_sponsor(lambda env, order=order: order._closed_words(env))

    def _revive(self, reason):
        """Refuse once the value of unused vouchers was given back."""
        if self.return_move_id or self.surplus_move_id:
            raise UserError(
                self.env._("The unused value of %s was returned: its vouchers cannot come back.", self.display_name)
            )
        return super()._revive(reason)

    @api.model
    def _cron_close(self):
        """Close what the bank has refunded through a payment, which its line settles later than the credit note."""
        domain = [("state", "=", "expired"), "|", ("return_move_id", "!=", False), ("surplus_move_id", "!=", False)]
        found = self.search(domain)
        self.env["ir.cron"]._commit_progress(remaining=len(found))
        for order in found:
            if order.try_lock_for_update(allow_referencing=True):  # else tomorrow
                order._close_if_returned()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    # ------------------------------------------------------------------ words
    def _closed_words(self, env):
        return (
            env._("Order %s is closed", self.name),
            env._(
                "%(amount)s of unused vouchers went back to you. The joint statement and the credit notes stay in your"
                " space.",
                amount=self._euros(self.closing_id.unused_cents + self.closing_id.surplus_cents),
            ),
        )

    # ---------------------------------------------------------------- buttons
    def action_draw_closing(self):
        """Button of the back office."""
        self._check_staff()
        self._draw_closing()

    def action_return_unused(self):
        """Button of the back office, for accountants."""
        self._check_staff()
        self._return_unused()

    def action_open_returns(self):
        """Smart button: the credit notes."""
        moves = self.return_move_id | self.surplus_move_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit notes"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", moves.ids)],
        }
