import base64
import io

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.fields import Command
from odoo.tools import formatLang
from PIL import Image, UnidentifiedImageError

from .aptic_rule import FIELD_OF_KIND

# The kinds of rules about records that a sponsor may ask for by itself.
REQUEST_KINDS = (
    "territory", "place_type", "level", "category", "service", "audience", "provider", "excluded_provider",
)  # fmt: skip
MAX_VOUCHERS = 1_000_000
MAX_YEARS = 3
MAX_MESSAGE = 120
MAX_LOGO = 2 * 1024 * 1024  # bytes
MAX_VALUES = 200  # of one rule
LOGO_FORMATS = ("PNG", "JPEG")


class ApticOrder(models.Model):
    """A sponsor's request: what it typed is checked as a whole, then becomes a draft."""

    _inherit = "aptic.order"

    @api.model
    def _read_request(self, form, logo=None):
        """Check what a sponsor typed, in any form it arrives.

        :param dict form: texts ``quantity, booklet_size, last_day, message`` and lists of texts, one per kind of
            ``REQUEST_KINDS``
        :param bytes logo: content of the image file, None to keep the one there is
        :return: ``(vals, errors)``: values for ``create`` or ``write``, and a dict from field to a sentence
        """
        errors = {}
        size = self._read_number(form.get("booklet_size"))
        quantity = self._read_number(form.get("quantity"))
        if size not in (5, 10):
            errors["booklet_size"] = self.env._("Choose booklets of 5 or of 10 vouchers.")
        elif not quantity or not 0 < quantity <= MAX_VOUCHERS:
            errors["quantity"] = self.env._(
                "Write a number of vouchers between 5 and %(most)s.", most=formatLang(self.env, MAX_VOUCHERS, digits=0)
            )
        elif quantity % size:
            errors["quantity"] = self.env._(
                "With booklets of %(size)s, choose %(less)s or %(more)s vouchers.",
                size=size, less=quantity - quantity % size or size, more=quantity + size - quantity % size,
            )  # fmt: skip
        vals = {"quantity": quantity, "booklet_size": size}
        vals["last_day"] = self._read_last_day(form.get("last_day"), errors)
        vals["message"] = self._read_text(form.get("message"))
        if len(vals["message"] or "") > MAX_MESSAGE:
            errors["message"] = self.env._("The message is printed on the voucher: %(most)s characters at most.",
                                           most=MAX_MESSAGE)  # fmt: skip
        if logo:
            vals["logo"] = self._read_logo(logo, errors)
        asked = self._own_rules().filtered(lambda rule: rule.kind in REQUEST_KINDS)
        vals["rule_ids"] = [*map(Command.delete, asked.ids), *self._read_rules(form, errors)]
        return vals, errors

    @api.model
    def _read_number(self, text):
        text = "".join((text or "").split())[:12]
        return int(text) if text.isascii() and text.isdigit() else 0

    @api.model
    def _read_text(self, text):
        return one_line(text, 2000) or False

    @api.model
    def _read_last_day(self, text, errors):
        today = fields.Date.context_today(self.with_context(tz="Europe/Paris"))
        try:
            day = fields.Date.to_date((text or "")[:10])
        except ValueError:
            day = None
        if not day:
            errors["last_day"] = self.env._("Choose the last day on which the vouchers are valid.")
        elif not today < day <= fields.Date.add(today, years=MAX_YEARS):
            errors["last_day"] = self.env._(
                "The last valid day must be after today and at most %(years)s years away.", years=MAX_YEARS
            )
        return day

    @api.model
    def _read_logo(self, content, errors):
        try:
            if len(content) > MAX_LOGO:
                raise ValueError
            with Image.open(io.BytesIO(content), formats=LOGO_FORMATS) as image:
                if image.width * image.height > 25_000_000:
                    raise ValueError
                image.load()
            return base64.b64encode(content)
        except (ValueError, OSError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
            errors["logo"] = self.env._("The logo must be a PNG or JPEG image of 2 MB at most.")
            return False

    @api.model
    def _read_rules(self, form, errors):
        commands = []
        for kind in REQUEST_KINDS:
            texts = form.get(kind) or []
            if not texts:
                continue
            ids = self._read_ids(texts)
            found = self._proposed_values(kind, texts)
            if len(texts) > MAX_VALUES or not ids or len(found) != len(ids):
                errors[kind] = self.env._("This choice is no longer proposed: choose again.")
            else:
                commands.append(Command.create({"kind": kind, FIELD_OF_KIND[kind]: [Command.set(found.ids)]}))
        return commands

    @api.model
    def _read_ids(self, texts):
        return {number for text in texts[: MAX_VALUES + 1] if 0 < (number := self._read_number(text)) < 2**31}

    @api.model
    def _suggest_territories(self, term, limit=10):
        """Territories for a picker, by INSEE code or by the beginning of the name, the largest first.

        :return: list of ``{"id", "name", "kind", "code"}``
        """
        term = self._read_text(term[:60])
        if not term or (len(term) < 2 and not term.isdigit()):
            return []
        pattern = term.replace("\\", "").replace("%", "").replace("_", "")
        found = self.env["aptic.territory"].search(
            ["|", ("code", "=ilike", pattern), ("name", "=ilike", f"{pattern}%")], limit=200
        )
        kinds = dict(found._fields["kind"]._description_selection(self.env))
        sizes = list(kinds)
        found = found.sorted(lambda one: (one.code != term, sizes.index(one.kind), len(one.name), one.name))[:limit]
        return [{"id": one.id, "name": one.name, "code": one.code, "kind": kinds[one.kind]} for one in found]

    @api.model
    def _request(self, sponsor, vals):
        """Create the draft that a sponsor asks for; staff is told.

        :param sponsor: the sponsor; the caller has checked that the user may order for it
        :param vals: from :meth:`_read_request`
        """
        order = self.sudo().create({**vals, "sponsor_id": sponsor.id})
        order.message_post(body=self.env._("Requested by the sponsor in its space."))
        return order
