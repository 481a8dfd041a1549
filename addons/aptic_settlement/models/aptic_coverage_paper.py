import logging
from hashlib import sha256

from odoo import api, fields, models
from odoo.addons.aptic_base.immutable import protect
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class ApticCoveragePaper(models.Model):
    """The signed PDF of a published proof of coverage: made once for its figures, kept, never changed."""

    _name = "aptic.coverage.paper"
    _description = "Signed proof of coverage"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _rec_name = "sha256"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    coverage_id = fields.Many2one("aptic.coverage", required=True, readonly=True, index=True, ondelete="restrict")
    figures_sha256 = fields.Char(string="SHA-256 of the figures", required=True, readonly=True)
    signed_at = fields.Datetime(string="Signed on", required=True, readonly=True)
    signer = fields.Char(string="Signed by", required=True, readonly=True)
    issuer = fields.Char(string="Certificate issued by", required=True, readonly=True)
    is_self_signed = fields.Boolean(
        string="Self-signed", readonly=True, help="Nobody but the signer vouches for the certificate."
    )
    valid_until = fields.Datetime(string="Certificate valid until", required=True, readonly=True)
    fingerprint = fields.Char(string="SHA-256 of the certificate", required=True, readonly=True)
    level = fields.Selection([("b_b", "PAdES B-B"), ("b_t", "PAdES B-T (time stamp)")], required=True, readonly=True)
    sha256 = fields.Char(string="SHA-256 of the PDF", required=True, readonly=True)
    attachment_id = fields.Many2one("ir.attachment", string="PDF", required=True, readonly=True, ondelete="restrict")

    _guarded_fields = frozenset(
        {"company_id", "coverage_id", "figures_sha256", "signed_at", "signer", "issuer", "is_self_signed"}
        | {"valid_until", "fingerprint", "level", "sha256", "attachment_id"}
    )

    _once = models.UniqueIndex("(company_id, figures_sha256)", "The proof of these figures is signed already.")

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse any change of a row."""
        super().init()
        protect(self.env.cr, self._table)

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A signed proof of coverage is kept."))

    def _content(self):
        """The signed PDF as it was kept, or ``None`` where the file is no longer what it was (which is logged)."""
        self.ensure_one()
        content = self.attachment_id.raw or b""
        if sha256(content).hexdigest() != self.sha256:
            _logger.error(
                "The signed proof of coverage %s is not what was signed: restore attachment %s from the backup.",
                self.id, self.attachment_id.id,
            )  # fmt: skip
            return None
        return content

    def _for_programs(self):
        """Who signed what, as values of JSON."""
        self.ensure_one()
        return {
            "signer": self.signer,
            "signed_at": f"{self.signed_at.isoformat()}Z",
            "certificate_sha256": self.fingerprint,
            "pdf_sha256": self.sha256,
        }

    def action_open_pdf(self):
        """Button of the back office: the signed PDF."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.attachment_id.id}", "target": "new"}
