import base64
import binascii
import io

from odoo import api, fields, models
from odoo.addons.aptic_base.signature_pdf import Signing
from odoo.exceptions import UserError
from PIL import Image, UnidentifiedImageError

from .. import charter_pdf

MAX_SIGNATURE_BYTES = 1_000_000


class ApticCharterSignature(models.Model):
    """A provider's signature of one version of the charter, with its proof; never changed."""

    _name = "aptic.charter.signature"
    _description = "Signature of the charter"
    _inherit = ["aptic.signature.mixin"]
    _log_access = False

    charter_id = fields.Many2one("aptic.charter", required=True, index=True, ondelete="restrict")
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    term = fields.Integer(
        string="Membership", help="How often the provider had been struck off before: whoever comes back signs again."
    )

    _guarded_fields = frozenset({"charter_id", "provider_id", "term"})

    _once = models.UniqueIndex(
        "(charter_id, provider_id, COALESCE(term, 0))", "This version of the charter is signed already."
    )

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
        name, capacity = self._read_signer(name, capacity)
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
        signing = Signing(provider.name, provider.siret, name, capacity, signed_at, ip, drawing)
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
        what = {"charter_id": charter.id, "provider_id": provider.id, "term": provider._term()}
        return self._write_down(signing, user, pdf, f"charte-aptic-{charter.version}-{provider.siret}.pdf", what)

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
