from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .. import clock

# What the sponsor decided and the proof shows: unchangeable once the order is confirmed.
FRAMING_FIELDS = frozenset(
    {
        "sponsor_id", "company_id", "quantity", "booklet_size", "face_value_cents", "last_day", "tolerance_months",
        "message", "logo", "rule_ids",
    }
)  # fmt: skip


class ApticOrder(models.Model):
    """A sponsor's order of vouchers, from its rules to its last voucher."""

    _name = "aptic.order"
    _description = "Voucher order"
    _inherit = ["aptic.guarded.mixin", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(string="Reference", required=True, readonly=True, copy=False, default="/")
    sponsor_id = fields.Many2one("aptic.sponsor", required=True, index=True, ondelete="restrict", tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "Order confirmed"),
            ("proofed", "Proof approved"),
            ("printed", "Booklets printed"),
            ("delivered", "Booklets delivered"),
            ("active", "Vouchers active"),
            ("expired", "Vouchers expired"),
            ("closed", "Order closed"),
            ("cancelled", "Order cancelled"),
        ],
        string="Status",
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    quantity = fields.Integer(string="Vouchers", required=True, default=100)
    booklet_size = fields.Integer(string="Vouchers in a booklet", required=True, default=10, help="5 or 10.")
    face_value_cents = fields.Integer(
        string="Value of a voucher (cents)", required=True, default=1000, help="Value of one voucher, in cents."
    )
    face_cents = fields.Integer(
        compute="_compute_face_cents", store=True, help="Value of all vouchers of the order, in cents."
    )
    last_day = fields.Date(string="Last valid day", required=True, help="Inclusive.")
    tolerance_months = fields.Integer(
        string="Tolerance (months)",
        required=True,
        default=1,
        help="Vouchers are still taken this long after the last valid day.",
    )
    message = fields.Char(size=120, help="The sponsor's message on the voucher.")
    logo = fields.Image(max_width=1024, max_height=1024)
    rule_ids = fields.One2many("aptic.rule", "order_id", copy=True)
    frozen_rules = fields.Json(
        readonly=True,
        copy=False,
        help="The rules as they were at the confirmation: a list of {kind, ids} (empty: no restriction).",
    )
    face_move_id = fields.Many2one(
        "account.move",
        string="Face value document",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    fee_move_id = fields.Many2one(
        "account.move",
        string="Fee invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    received_cents = fields.Integer(
        readonly=True, copy=False, default=0, help="What the bank has really received for this order, in cents."
    )
    funded_cents = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        help="Received on the segregated account, in cents; never lowered under what was activated.",
    )
    shortfall_cents = fields.Integer(
        compute="_compute_shortfall_cents",
        store=True,
        help="Activated but no longer covered by a receipt, in cents: an alarm. Bearers are served all the same.",
    )
    activated_cents = fields.Integer(
        readonly=True, copy=False, default=0, help="Face value of activated vouchers, in cents."
    )
    booklet_ids = fields.One2many("aptic.booklet", "order_id")

    _guarded_fields = frozenset(
        {
            "state", "name", "frozen_rules", "face_move_id", "fee_move_id",
            "received_cents", "funded_cents", "shortfall_cents", "activated_cents",
        }
    )  # fmt: skip

    _funds_cover = models.Constraint(
        "CHECK(activated_cents >= 0 AND activated_cents <= funded_cents)",
        "Vouchers cannot be activated above what the bank has received.",
    )
    _booklet_size = models.Constraint("CHECK(booklet_size IN (5, 10))", "A booklet has 5 or 10 vouchers.")
    _whole_booklets = models.Constraint(
        "CHECK(quantity > 0 AND quantity % booklet_size = 0)", "The quantity must make whole booklets."
    )
    _tolerance_not_negative = models.Constraint(
        "CHECK(tolerance_months BETWEEN 0 AND 24)", "The tolerance must be between 0 and 24 months."
    )
    _face_value_positive = models.Constraint("CHECK(face_value_cents > 0)", "The face value must be above zero.")

    @api.depends("quantity", "face_value_cents")
    def _compute_face_cents(self):
        for order in self:
            order.face_cents = order.quantity * order.face_value_cents

    @api.depends("activated_cents", "received_cents")
    def _compute_shortfall_cents(self):
        for order in self:
            order.shortfall_cents = max(0, order.activated_cents - order.received_cents)

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for order in self:
            order.access_url = f"/my/aptic/orders/{order.id}"
        return result

    @api.constrains("quantity", "face_value_cents")
    def _check_not_too_large(self):
        if any(order.quantity * order.face_value_cents >= 2**31 for order in self):
            raise ValidationError(self.env._("This order is too large: split it in several."))

    # ------------------------------------------------------------------ guard
    def init(self):
        """Let the database itself refuse to change what circulates on paper, but for what an amendment says."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION aptic_order_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.quantity = OLD.quantity AND NEW.booklet_size = OLD.booklet_size
                        AND NEW.face_value_cents = OLD.face_value_cents AND EXISTS (
                            SELECT FROM aptic_amendment
                             WHERE order_id = OLD.id AND decision = 'approved' AND rows_before = OLD.frozen_rules
                               AND rows_after IS NOT DISTINCT FROM NEW.frozen_rules) THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'Order %: rules and values are frozen since its confirmation', OLD.name
                    USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE OR REPLACE TRIGGER aptic_order_frozen BEFORE UPDATE ON aptic_order FOR EACH ROW
                WHEN (OLD.face_move_id IS NOT NULL AND (
                    NEW.frozen_rules IS DISTINCT FROM OLD.frozen_rules
                    OR NEW.quantity IS DISTINCT FROM OLD.quantity
                    OR NEW.booklet_size IS DISTINCT FROM OLD.booklet_size
                    OR NEW.face_value_cents IS DISTINCT FROM OLD.face_value_cents))
                EXECUTE FUNCTION aptic_order_is_frozen();
            """
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Name the orders."""
        orders = super().create(vals_list)
        for order in orders.filtered(lambda order: order.name == "/"):
            name = self.env["ir.sequence"].sudo().with_company(order.company_id).next_by_code("aptic.order")
            order.sudo()._guarded_write({"name": name})
        return orders

    def write(self, vals):
        """Refuse to change what was confirmed."""
        framing = FRAMING_FIELDS & vals.keys()
        if framing:
            self._check_not_frozen(framing)
        return super().write(vals)

    def _check_not_frozen(self, names):
        frozen = self.filtered(lambda order: order.state != "draft")
        if frozen:
            raise UserError(
                self.env._(
                    "%(name)s was confirmed: %(fields)s can no longer change.",
                    name=frozen[0].display_name,
                    fields=", ".join(sorted(self._fields[name]._description_string(self.env) for name in names)),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if self.filtered(lambda order: order.state not in ("draft", "cancelled") or order.face_move_id):
            raise UserError(self.env._("Only a draft can be deleted: cancel the order instead."))

    # ------------------------------------------------------------------ verbs
    def _confirm(self):
        """Freeze the rules and make the two documents, posted: face value and fees.

        :raise UserError: when the last valid day is past or the accounts are not set up
        """
        orders = self._set_state(("draft",), "confirmed")
        for order in orders:
            order._check_confirmable()
            order._guarded_write({"frozen_rules": order.rule_ids.sudo()._freeze()})
        orders.sudo()._make_documents()

    def _check_confirmable(self):
        self.ensure_one()
        if self.last_day <= clock.today():
            raise UserError(self.env._("The last valid day of %(name)s must be in the future.", name=self.display_name))
        if self.last_day > fields.Date.add(clock.today(), years=10):
            raise UserError(
                self.env._("The last valid day of %(name)s is more than ten years away.", name=self.display_name)
            )

    def _approve_proof(self):
        """The sponsor accepts the proof (« BAT »): the vouchers may be printed; see ``aptic_order_proof.py``."""
        self._set_state(("confirmed",), "proofed")

    def _deliver(self):
        """The sponsor has the booklets; they are worth nothing until their activation."""
        orders = self._set_state(("printed",), "delivered")
        orders._append_event("deliver")

    def _cancel(self):
        """Give up an order that was not activated; its documents are reversed.

        Once the booklets were printed the fees stay due. Money received goes back first. Vouchers stay *printed*: they
        never have any value.
        """
        printed = self.filtered(lambda order: order.state in ("printed", "delivered"))
        for order in self._set_state(("draft", "confirmed", "proofed", "printed", "delivered"), "cancelled").sudo():
            if order.received_cents:
                raise UserError(
                    self.env._(
                        "The bank has received money for %(name)s: give it back, undo the reconciliation, then cancel.",
                        name=order.display_name,
                    )
                )
            moves = order.face_move_id if order in printed else order.face_move_id | order.fee_move_id
            order._reverse_documents(moves)

    # ---------------------------------------------------------------- buttons
    def action_confirm(self):
        """Button of the back office."""
        self._check_staff()
        self._confirm()

    def action_approve_proof(self):
        """Button of the back office: the sponsor approved on paper or by mail."""
        self._check_staff()
        self._approve_proof()

    def action_issue(self):
        """Button of the back office: makes the booklets and vouchers."""
        self._check_staff()
        self.sudo()._issue()

    def action_deliver(self):
        """Button of the back office."""
        self._check_staff()
        self._deliver()

    def action_cancel(self):
        """Button of the back office."""
        self._check_staff()
        self._cancel()

    def _check_staff(self):
        if not (self.env.su or self.env.user.has_group("aptic_base.group_aptic_user")):
            raise AccessError(self.env._("Only the staff of #APTIC can do this."))
        self.check_access("write")

    # ------------------------------------------------------------------- bulk
    def _move_vouchers(self, allowed, target):
        """Move the order's vouchers from ``allowed`` to ``target`` in one guarded UPDATE.

        :return: the number of vouchers that moved
        """
        self.ensure_one()
        self.env["aptic.voucher"].flush_model(["state", "order_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE aptic_voucher SET state = %s WHERE order_id = %s AND state = ANY(%s)",
                target, self.id, list(allowed),
            )
        )  # fmt: skip
        count = self.env.cr.rowcount
        self.env["aptic.voucher"].invalidate_model(["state"])
        return count

    def _append_event(self, kind, quantity=None, **columns):
        """Write one row of the ledger for each order, for ``quantity`` vouchers (default: all of them).

        :param columns: other columns of the rows, as ``aptic.event._append`` takes them
        """
        rows = [
            {
                "kind": kind,
                "order_id": order.id,
                "quantity": order.quantity if quantity is None else quantity,
                "amount_cents": (order.quantity if quantity is None else quantity) * order.face_value_cents,
                **columns,
            }
            for order in self
        ]
        if rows:
            self.env["aptic.event"].sudo()._append(rows)
