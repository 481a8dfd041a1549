from odoo import api, models
from odoo.exceptions import ValidationError

from .. import uploads


class ApticUpload(models.AbstractModel):
    """Files that people send, checked: limits are settings, refusals are sentences."""

    _name = "aptic.upload"
    _description = "Checked upload"

    @api.model
    def _limits(self):
        """Return the :class:`~..uploads.Limits` in force; two of them are system parameters."""
        usual = uploads.Limits()
        parameters = self.env["ir.config_parameter"]
        megabytes = parameters._get_number("aptic_base.upload_megabytes", usual.size // 1024**2)
        pages = parameters._get_number("aptic_base.upload_pages", usual.pages)
        return uploads.Limits(size=megabytes * 1024**2, pages=pages)

    @api.model
    def _checked(self, data, name=""):
        """Return the :class:`~..uploads.Upload` of a file as a person sent it.

        :param bytes data: the content
        :param str name: as the browser gave it
        :raise ValidationError: says what is wrong with the file and what to do
        """
        limits = self._limits()
        try:
            return uploads.check(data, name, limits)
        except uploads.BadUpload as error:
            raise ValidationError(self._sentence(error, limits)) from error

    @api.model
    def _sentence(self, error, limits):
        """What a person is told about a :class:`~..uploads.BadUpload`."""
        name = error.name or self.env._("the file")
        sentences = {
            "empty": self.env._("“%s” is empty: choose the file again.", name),
            "size": self.env._(
                "“%(name)s” is too large: at most %(megabytes)s MB. Scan it in black and white, or at 150 dpi.",
                name=name,
                megabytes=limits.size // 1024**2,
            ),
            "type": self.env._("“%s” is neither a PDF nor a picture (JPEG, PNG): save it as a PDF first.", name),
            "pages": self.env._(
                "“%(name)s” has too many pages: at most %(pages)s. Send the part that is asked for.",
                name=name,
                pages=limits.pages,
            ),
            "pixels": self.env._("“%s” has too many dots for a picture: reduce it, or save it as a PDF.", name),
            "encrypted": self.env._(
                "“%s” is protected by a password or against copying: print it to a new PDF, and send that one.", name
            ),
            "active": self.env._(
                "“%s” contains a script, a form or another file: print it to a new PDF, and send that one.", name
            ),
            "broken": self.env._("“%s” cannot be opened: it is damaged. Save or scan it again.", name),
        }
        return sentences[error.code]
