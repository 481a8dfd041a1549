from odoo import api, fields, models
from odoo.exceptions import UserError


class ApticMember(models.Model):
    """For whom a manager of a provider signs: as its legal representative, or for that person by a written mandate."""

    _inherit = "aptic.member"

    acts_as = fields.Selection(
        [
            ("representative", "Is the legal representative"),
            ("agent", "Acts for the legal representative"),
            ("unsaid", "Not said yet"),
        ],
        string="Signs as",
        required=True,
        default="representative",
        help="A manager who acts for the legal representative signs once the mandate has been accepted.",
    )

    @api.model
    def _prepare_invitation_vals(self):
        return {**super()._prepare_invitation_vals(), "acts_as": "unsaid"}

    def _declare(self, acts_as):
        """The manager says for whom he signs.

        :param str acts_as: ``representative`` or ``agent``
        :raise UserError: when it is neither
        """
        self.ensure_one()
        if acts_as not in ("representative", "agent"):
            raise UserError(
                self.env._("Say whether you are the legal representative, or act for that person with a mandate.")
            )
        if self.acts_as == acts_as:
            return
        self.acts_as = acts_as
        labels = dict(self._fields["acts_as"]._description_selection(self.env))
        self._organisation()._message_log(
            body=self.env._("%(user)s declared: %(what)s.", user=self.user_id.name, what=labels[acts_as])
        )
