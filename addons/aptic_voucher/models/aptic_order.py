from odoo import api, fields, models


class ApticOrder(models.Model):
    """A sponsor's order of vouchers, from its rules to its last voucher."""

    _name = "aptic.order"
    _description = "Voucher order"
    _inherit = ["aptic.guarded.mixin", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True, copy=False, default="/")
    sponsor_id = fields.Many2one("aptic.sponsor", required=True, index=True, ondelete="restrict", tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("proofed", "Proof approved"),
            ("printed", "Printed"),
            ("delivered", "Delivered"),
            ("active", "Active"),
            ("expired", "Expired"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True, default="draft", copy=False, index=True, tracking=True,
    )
    quantity = fields.Integer(string="Vouchers", required=True, default=100)
    booklet_size = fields.Integer(required=True, default=10, help="Vouchers in a booklet: 5 or 10.")
    face_value_cents = fields.Integer(required=True, default=1000, help="Value of one voucher, in cents.")
    face_cents = fields.Integer(
        compute="_compute_face_cents", store=True, help="Value of all vouchers of the order, in cents."
    )
    last_day = fields.Date(string="Last valid day", required=True, help="Inclusive.")
    tolerance_months = fields.Integer(default=1, help="Vouchers are still taken this long after the last valid day.")
    message = fields.Char(help="The sponsor's message on the voucher.")
    logo = fields.Image(max_width=1024, max_height=1024)
    rule_ids = fields.One2many("aptic.rule", "order_id", copy=True)
    face_move_id = fields.Many2one("account.move", string="Face value document", readonly=True, copy=False, index="btree_not_null")
    fee_move_id = fields.Many2one("account.move", string="Fee invoice", readonly=True, copy=False, index="btree_not_null")
    funded_cents = fields.Integer(readonly=True, copy=False, default=0, help="Received on the segregated account, in cents.")
    activated_cents = fields.Integer(readonly=True, copy=False, default=0, help="Face value of activated vouchers, in cents.")
    booklet_ids = fields.One2many("aptic.booklet", "order_id")

    _guarded_fields = frozenset({"state", "name", "face_move_id", "fee_move_id", "funded_cents", "activated_cents"})

    _funds_cover = models.Constraint(
        "CHECK(activated_cents >= 0 AND activated_cents <= funded_cents)",
        "Vouchers cannot be activated above what the bank has received.",
    )
    _booklet_size = models.Constraint("CHECK(booklet_size IN (5, 10))", "A booklet has 5 or 10 vouchers.")
    _whole_booklets = models.Constraint(
        "CHECK(quantity > 0 AND quantity % booklet_size = 0)", "The quantity must make whole booklets."
    )
    _face_value_positive = models.Constraint("CHECK(face_value_cents > 0)", "The face value must be above zero.")

    @api.depends("quantity", "face_value_cents")
    def _compute_face_cents(self):
        for order in self:
            order.face_cents = order.quantity * order.face_value_cents
