import base64
import binascii
import hashlib
import io

from odoo import api, fields, models
from odoo.addons.aptic_base.immutable import protect
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import mute_logger
from PIL import Image, UnidentifiedImageError
from psycopg2.errors import UniqueViolation

from .. import charter_pdf

MAX_SIGNATURE_BYTES = 1_000_000


class ApticCharterSignature(models.Model):
    """A provider's signature of one version of the charter, with its proof; never changed."""

    _name = "aptic.charter.signature"
    _description = "Signature of the charter"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _log_access = False

    charter_id = fields.Many2one("aptic.charter", required=True, index=True, ondelete="restrict")
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Account used", required=True, ondelete="restrict")
    name = fields.Char(string="Signed by", required=True)
    capacity = fields.Char(required=True)
    signed_at = fields.Datetime(string="Signed on (UTC)", required=True)
    ip = fields.Char(string="IP address", required=True)
    sha256 = fields.Char(string="SHA-256 of the PDF", required=True)
    attachment_id = fields.Many2one("ir.attachment", string="PDF", required=True, ondelete="restrict")
    term = fields.Integer(
        string="Membership", help="How often the provider had been struck off before: whoever comes back signs again."
    )

    _guarded_fields = frozenset(
        {
            "charter_id",
            "provider_id",
            "user_id",
            "name",
            "capacity",
            "signed_at",
            "ip",
            "sha256",
            "attachment_id",
            "term",
        }
    )

    _once = models.UniqueIndex(
        "(charter_id, provider_id, COALESCE(term, 0))", "This version of the charter is signed already."
    )

    def init(self):
        """Have PostgreSQL refuse any change of a row."""
        protect(self.env.cr, self._table)

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A signature cannot be deleted."))

    # ------------------------------------------------------------------- sign
    @api.model
    def _sign(self, provider, user, name, capacity, image, ip, shown=None):
        """Sign the charter in force for an eligible provider; a suspension for want of it ends at once.

        The same signature asked for twice, also by two sessions at once, is one signature.

        :param provider: ``aptic.provider`` record
        :param user: ``res.users`` record of the manager whose account signs
        :param str name: name of the person entitled to sign
        :param str capacity: in which capacity (president, mayor …)
        :param str image: the drawn signature, PNG in base64
        :param str ip: address that the request came from
        :param int shown: id of the version that was on the screen, where it is known
        :return: the signature, or the one that was made already
        :raise UserError: says what is missing, or that another version came into force meanwhile
        :raise ConcurrencyError: where another session has signed meanwhile; the request is then played again
        """
        provider.ensure_one()
        name, capacity = one_line(name, 120), one_line(capacity, 80)
        if not name or not capacity:
            raise UserError(self.env._("Write the name and the capacity of the person who signs."))
        drawing = self._check_drawing(image)
        charter = self.env["aptic.charter"]._current()
        if not charter:
            raise UserError(self.env._("No charter is in force for the moment. Please come back later."))
        if shown and shown != charter.id:
            raise UserError(
                self.env._("A new version of the charter came into force meanwhile: read it, then sign it.")
            )
        provider._lock_or_retry()
        earlier = self.search(
            [("charter_id", "=", charter.id), ("provider_id", "=", provider.id), ("term", "=", provider._term())]
        )
        if earlier:
            return earlier
        if blocker := provider._signing_blocker(user):
            raise UserError(blocker)
        if provider.state in ("draft", "applied", "declined", "struck_off"):
            raise UserError(self.env._("The charter is signed once your organisation is eligible."))
        signed_at = fields.Datetime.now()
        signing = charter_pdf.Signing(provider.name, provider.siret, name, capacity, signed_at, ip, drawing)
        signature = self._store(charter, provider, user, signing)
        if provider.state == "eligible":
            provider._charter_signed()
        provider.message_post(
            body=self.env._("Charter %(version)s signed by %(name)s.", version=charter.version, name=name)
        )
        provider._lift("charter", self.env._("Charter %s signed.", charter.version))
        return signature

    def _store(self, charter, provider, user, signing):
        """Draw the PDF and write the signature beside its hash."""
        pdf = charter_pdf.draw(charter.title, charter.version, charter.body, signing, self._labels())
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"charte-aptic-{charter.version}-{provider.siret}.pdf",
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": self._name,
            }
        )
        values = {
            "charter_id": charter.id,
            "provider_id": provider.id,
            "user_id": user.id,
            "name": signing.name,
            "capacity": signing.capacity,
            "signed_at": signing.signed_at,
            "ip": signing.ip,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "attachment_id": attachment.id,
            "term": provider._term(),
        }
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                signature = self._guarded_create([values])
        except UniqueViolation as error:  # signed by a session that this one's snapshot does not see
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

    def _check_drawing(self, image):
        """Return the bytes of a drawn signature, re-encoded as PNG; refuse what is no small picture or an empty one."""
        message = self.env._("Draw your signature in the frame.")
        try:
            data = base64.b64decode(image or "", validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise UserError(message) from error
        if not data or len(data) > MAX_SIGNATURE_BYTES:
            raise UserError(message)
        try:
            with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
                if picture.width * picture.height > 4_000_000:
                    raise UserError(message)
                drawn = picture.convert("RGBA")
                # An empty frame is of one colour, or not to be seen at all.
                if drawn.getcolors(1) or drawn.getchannel("A").getextrema()[1] == 0:
                    raise UserError(message)
                clean = io.BytesIO()
                drawn.save(clean, "PNG")
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
            raise UserError(message) from error
        return clean.getvalue()
