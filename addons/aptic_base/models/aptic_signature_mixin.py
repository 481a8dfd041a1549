import hashlib

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from ..immutable import protect
from ..texts import one_line


class ApticSignatureMixin(models.AbstractModel):
    """A signature made on screen, with its proof: who, in which capacity, when, from where, and the PDF with its hash.

    A row is never changed: the guard, the model and PostgreSQL refuse. A model that takes this has
    ``_log_access = False`` and a unique index that says what is signed once.
    """

    _name = "aptic.signature.mixin"
    _description = "Signature with its proof"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"

    user_id = fields.Many2one("res.users", string="Account used", required=True, ondelete="restrict")
    name = fields.Char(string="Signed by", required=True)
    capacity = fields.Char(required=True)
    signed_at = fields.Datetime(string="Signed on (UTC)", required=True)
    ip = fields.Char(string="IP address", required=True)
    sha256 = fields.Char(string="SHA-256 of the PDF", required=True)
    attachment_id = fields.Many2one("ir.attachment", string="PDF", required=True, ondelete="restrict")

    _guarded_fields = frozenset({"user_id", "name", "capacity", "signed_at", "ip", "sha256", "attachment_id"})

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse any change of a row."""
        super().init()
        if not self._abstract:
            protect(self.env.cr, self._table)

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A signature cannot be deleted."))

    @api.model
    def _read_signer(self, name, capacity):
        """Return the name and the capacity of who signs, as they are kept.

        :raise UserError: when one is missing
        """
        name, capacity = one_line(name, 120), one_line(capacity, 80)
        if not name or not capacity:
            raise UserError(self.env._("Write the name and the capacity of the person who signs."))
        return name, capacity

    @api.model
    def _write_down(self, signing, user, pdf, filename, vals):
        """Keep the signed PDF and write the signature beside its hash.

        :param signing: :class:`~..signature_pdf.Signing`, as the PDF shows it
        :param user: ``res.users`` record of the account that signs
        :param bytes pdf: the signed document
        :param str filename: of the PDF
        :param dict vals: what is signed
        :raise ConcurrencyError: where a session that this one's snapshot does not see has signed the same
        """
        attachment = self.env["ir.attachment"].create(
            {"name": filename, "raw": pdf, "mimetype": "application/pdf", "res_model": self._name}
        )
        values = {
            **vals,
            "user_id": user.id,
            "name": signing.name,
            "capacity": signing.capacity,
            "signed_at": signing.signed_at,
            "ip": signing.ip,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "attachment_id": attachment.id,
        }
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                signature = self._guarded_create([values])
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
        attachment.res_id = signature.id
        return signature

    @api.model
    def _of_pdf(self, pdf):
        """The signature whose PDF this is, to the last bit, or an empty recordset.

        :param bytes pdf: a file
        """
        return self.search([("sha256", "=", hashlib.sha256(pdf).hexdigest())], limit=1)

    def _labels(self):
        """The words beside a signature on its PDF, see :func:`~..signature_pdf.block`."""
        return {
            "heading": self.env._("Signed electronically"),
            "organisation": self.env._("Organisation"),
            "name": self.env._("Name"),
            "capacity": self.env._("Capacity"),
            "signed_at": self.env._("Date and time"),
            "ip": self.env._("IP address"),
            "signature": self.env._("Signature"),
            "version": self.env._("version"),
        }
