from odoo import fields, models


class ApticOrder(models.Model):
    """The issue that is running, on the order's form."""

    _inherit = "aptic.order"

    issue_ids = fields.One2many("aptic.issue", "order_id", string="Issues", groups="aptic_base.group_aptic_user")
    issue_state = fields.Selection(related="issue_ids.state", string="Issue", groups="aptic_base.group_aptic_user")
    issue_progress = fields.Float(related="issue_ids.progress", groups="aptic_base.group_aptic_user")

    def action_issue_stop(self):
        """Button of the back office: stop the making of the vouchers."""
        self.ensure_one()
        self.issue_ids._stop()

    def action_issue_resume(self):
        """Button of the back office: go on with it."""
        self.ensure_one()
        self.issue_ids._resume()
