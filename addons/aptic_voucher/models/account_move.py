from odoo import models
from odoo.addons.base.models.ir_actions_report import _wkhtml


class AccountMove(models.Model):
    _inherit = "account.move"

    def _aptic_header_is_lost(self):
        """Whether PDFs are drawn without headers and footers here: by a wkhtmltopdf without patched Qt, as Debian's."""
        return not _wkhtml().is_patched_qt
