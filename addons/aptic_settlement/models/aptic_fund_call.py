from odoo import api, fields, models
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError


class ApticFundCall(models.Model):
    """A call for projects: what a fund wants to help, and until when providers of its territory may apply."""

    _name = "aptic.fund.call"
    _description = "Call for projects"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "closes_on desc, id desc"

    name = fields.Char(string="Title", required=True, tracking=True)
    fund_id = fields.Many2one("aptic.fund", required=True, index=True, ondelete="restrict", tracking=True)
    text = fields.Text(string="What is looked for", required=True, help="Anyone reads it.")
    opens_on = fields.Date(required=True, default=lambda self: clock.today(), tracking=True)
    closes_on = fields.Date(string="Last day to apply", required=True, tracking=True)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("closed", "Closed")],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    is_open = fields.Boolean(compute="_compute_is_open", help="Applications are taken today.")
    grant_ids = fields.One2many("aptic.fund.grant", "call_id", string="Applications")
    grant_count = fields.Integer(string="Number of applications", compute="_compute_grant_count")

    _in_order = models.Constraint("CHECK(opens_on <= closes_on)", "A call opens before it closes.")

    @api.depends("state", "opens_on", "closes_on")
    def _compute_is_open(self):
        for call in self:
            call.is_open = call._takes_applications()

    def write(self, vals):
        """Refuse to have what was applied for paid by another fund."""
        if "fund_id" in vals and any(call.fund_id.id != vals["fund_id"] and call.sudo().grant_ids for call in self):
            raise UserError(self.env._("Providers have applied to this call: make another one for the other fund."))
        return super().write(vals)

    def _takes_applications(self):
        """Whether it takes applications today."""
        self.ensure_one()
        return self.state == "published" and self.opens_on <= clock.today() <= self.closes_on

    @api.depends("grant_ids")
    def _compute_grant_count(self):
        counts = dict(self.env["aptic.fund.grant"]._read_group([("call_id", "in", self.ids)], ["call_id"], ["__count"]))
        for call in self:
            call.grant_count = counts.get(call, 0)

    @api.model
    def _open_now(self):
        """The calls that take applications today (sudo)."""
        today = clock.today()
        return self.sudo().search(
            [("state", "=", "published"), ("opens_on", "<=", today), ("closes_on", ">=", today)], limit=100
        )

    def _is_for(self, provider):
        """Whether the provider has a place in the territory of the fund."""
        self.ensure_one()
        here = self.fund_id.territory_id.id
        return any(here in place.territory_id._ancestor_ids() for place in provider.sudo().place_ids)

    # ----------------------------------------------------------------- buttons
    def action_publish(self):
        """Button: show it to anyone, and take applications from its first day on."""
        self._check_any_group(("aptic_base.group_aptic_manager", "aptic_base.group_aptic_accountant"))
        self._set_state(("draft", "closed"), "published")

    def action_close(self):
        """Button: take no more applications."""
        self._check_any_group(("aptic_base.group_aptic_manager", "aptic_base.group_aptic_accountant"))
        self._set_state(("published",), "closed")
