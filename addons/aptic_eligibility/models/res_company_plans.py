from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    aptic_reminder_days = fields.Char(
        string="Reminders of unpaid subscriptions",
        default="7, 15, 30",
        help="Days after the due date on which managers and accountants of a provider are reminded.",
    )
    aptic_unpaid_grace_days = fields.Integer(
        string="Suspension of unpaid subscriptions after",
        default=45,
        help="Days after the due date from which the provider can no longer scan vouchers.",
    )
    aptic_scanner_return_days = fields.Integer(
        string="Days to send an old scanner back",
        default=30,
        help="Counted from the day on which the new scanner was sent; then managers are reminded every fortnight.",
    )

    _aptic_days = models.Constraint(
        "CHECK(aptic_unpaid_grace_days > 0 AND aptic_scanner_return_days > 0)", "Give at least one day."
    )

    @api.constrains("aptic_reminder_days", "aptic_unpaid_grace_days")
    def _check_aptic_reminder_days(self):
        for company in self:
            words = [word.strip() for word in (company.aptic_reminder_days or "").split(",") if word.strip()]
            if not all(word.isascii() and word.isdecimal() and 0 < int(word) < 1000 for word in words):
                raise ValidationError(self.env._("Reminders are numbers of days between commas, such as 7, 15, 30."))
            if any(int(word) >= company.aptic_unpaid_grace_days for word in words):
                raise ValidationError(self.env._("Reminders come before the suspension: give smaller numbers of days."))

    def _aptic_reminder_days(self):
        """The days after the due date on which to remind, in order."""
        self.ensure_one()
        return sorted({int(word) for word in (self.aptic_reminder_days or "").split(",") if word.strip()})
