from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import reminders


class ApticCharter(models.Model):
    """A version of the charter; one is in force, and what was signed never changes."""

    _name = "aptic.charter"
    _description = "Charter"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "version"

    title = fields.Char(required=True, default="Charte #APTIC")
    version = fields.Char(required=True, copy=False, tracking=True)
    body = fields.Html(string="Text", required=True, help="The text in French, which alone is signed.")
    in_force = fields.Boolean(readonly=True, copy=False, tracking=True)
    in_force_since = fields.Datetime(readonly=True, copy=False)
    sign_again_by = fields.Date(
        string="To be signed again by",
        readonly=True,
        copy=False,
        tracking=True,
        help="Last day on which members may sign this version; they are suspended after it. Empty: the signature of "
        "the former version is enough.",
    )
    signature_ids = fields.One2many("aptic.charter.signature", "charter_id")
    signature_count = fields.Integer(compute="_compute_signature_count")
    waiting_count = fields.Integer(string="Members who have still to sign", compute="_compute_waiting_count")

    _guarded_fields = frozenset({"in_force", "in_force_since", "sign_again_by"})

    _version_unique = models.Constraint("UNIQUE(version)", "This version exists already.")
    _in_force_unique = models.UniqueIndex("(in_force) WHERE in_force", "Only one charter is in force.")

    @api.depends("signature_ids")
    def _compute_signature_count(self):
        counts = dict(
            self.env["aptic.charter.signature"]._read_group(
                [("charter_id", "in", self.ids)], ["charter_id"], ["__count"]
            )
        )
        for charter in self:
            charter.signature_count = counts.get(charter._origin, 0)

    @api.depends("signature_ids", "in_force", "sign_again_by")
    def _compute_waiting_count(self):
        waiting = self.env["aptic.provider"].sudo().search_count(self._unsigned_domain()) if self._asked() else 0
        for charter in self:
            charter.waiting_count = waiting if charter.in_force else 0

    def write(self, vals):
        """Refuse to change a text that somebody has signed."""
        if vals.keys() & {"title", "version", "body"} and self.sudo().signature_ids:
            raise UserError(self.env._("This charter is signed already: make a new version instead."))
        return super().write(vals)

    @api.model
    def _current(self):
        """The charter in force, or an empty recordset."""
        return self.sudo().search([("in_force", "=", True)], limit=1)

    # ------------------------------------------------------------ sign again
    @api.model
    def _asked(self):
        """The latest version that members had to sign again, or an empty recordset."""
        domain = [("sign_again_by", "!=", False), ("in_force_since", "!=", False)]
        return self.sudo().search(domain, order="in_force_since desc, id desc", limit=1)

    @api.model
    def _accepted(self):
        """The versions whose signature is enough today: those put in force since one had to be signed again."""
        asked = self._asked()
        since = [("in_force_since", ">=", asked.in_force_since)] if asked else []
        return self.sudo().search([("in_force_since", "!=", False), *since])

    @api.model
    def _unsigned_domain(self):
        """Providers that are members, or about to be, and whose signature is not enough any more."""
        return [
            ("state", "in", ("chartered", "active", "suspended")),
            ("charter_signature_ids", "not any", [("charter_id", "in", self._accepted().ids)]),
        ]

    # --------------------------------------------------------------- in force
    def _put_in_force(self, sign_again_by=None):
        """Put this version in force in place of the former one.

        :param date sign_again_by: last day for members to sign it; None when their former signature is enough
        :raise UserError: when the day leaves members too little time
        """
        self.ensure_one()
        if self.in_force:
            return
        earliest = fields.Date.context_today(self) + timedelta(days=reminders.NOTICE_DAYS)
        if sign_again_by and sign_again_by < earliest:
            raise UserError(self.env._("Leave the members at least %(days)s days to sign.", days=reminders.NOTICE_DAYS))
        former = self.search([("in_force", "=", True)])
        former._guarded_write({"in_force": False})
        former.flush_recordset()
        self._guarded_write(
            {"in_force": True, "in_force_since": fields.Datetime.now(), "sign_again_by": sign_again_by or False}
        )
        if sign_again_by:
            self.env.ref("aptic_eligibility.cron_charter_remind").sudo()._trigger()

    def action_view_waiting(self):
        """Open the members who have still to sign."""
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_base.aptic_provider_action")
        return {**action, "domain": [("charter_due_on", "!=", False)], "context": {}}
