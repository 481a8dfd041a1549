import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SERIAL = re.compile(r"[A-Z0-9][A-Z0-9./_-]{2,39}")


def normalised_serial(text):
    """Return a serial number as it is kept: capitals, without spaces."""
    return "".join((text or "").split()).upper()


class ApticScanner(models.Model):
    """A scanner (douchette): its serial number, where it is, and the parcels it has travelled in."""

    _name = "aptic.scanner"
    _description = "Scanner"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _rec_name = "serial"
    _order = "serial"

    serial = fields.Char(string="Serial number", required=True, readonly=True, copy=False)
    state = fields.Selection(
        [
            ("stock", "At Médias-Cité"),
            ("out", "At a provider's"),
            ("lost", "Lost or stolen"),
            ("scrapped", "Out of use"),
        ],
        string="Status",
        required=True,
        default="stock",
        tracking=True,
        readonly=True,
    )
    provider_id = fields.Many2one(
        "aptic.provider", string="Held by", index="btree_not_null", ondelete="restrict", tracking=True, readonly=True
    )
    kit_ids = fields.One2many("aptic.kit", "scanner_id", string="Parcels")

    _guarded_fields = frozenset({"serial", "state", "provider_id"})

    _serial_unique = models.Constraint("UNIQUE(serial)", "This serial number is in the list already.")
    _held = models.Constraint(
        "CHECK((state = 'out') = (provider_id IS NOT NULL))", "A scanner that is out is held by a provider."
    )

    @api.constrains("serial")
    def _check_serial(self):
        for scanner in self:
            if not SERIAL.fullmatch(scanner.serial or ""):
                raise ValidationError(
                    self.env._(
                        "“%(serial)s” is not a serial number: 3 to 40 letters, digits, dots, dashes or slashes.",
                        serial=scanner.serial,
                    )
                )

    @api.model
    def _hand_over(self, serial, provider):
        """Give a scanner to a provider; one that was never seen before enters the list.

        :param str serial: as typed or scanned
        :param provider: ``aptic.provider`` record
        :return: the scanner
        :raise UserError: when the scanner is not ours to give
        """
        serial = normalised_serial(serial)
        if not serial:
            raise UserError(self.env._("Scan or type the serial number of the scanner."))
        scanner = self.search([("serial", "=", serial)])
        if not scanner:
            scanner = self._guarded_create([{"serial": serial}])
        scanner.lock_for_update()
        scanner.invalidate_recordset(["state", "provider_id"])
        if scanner.state == "out":
            raise UserError(
                self.env._(
                    "Scanner %(serial)s is at %(name)s already: check the number.",
                    serial=serial,
                    name=scanner.provider_id.name,
                )
            )
        if scanner.state != "stock":
            raise UserError(self.env._("Scanner %(serial)s is lost or out of use: take another one.", serial=serial))
        scanner._guarded_write({"state": "out", "provider_id": provider.id})
        return scanner

    def _leave(self, state):
        """The provider no longer holds these scanners.

        :param str state: ``stock``, ``lost`` or ``scrapped``
        """
        self.lock_for_update()
        self._guarded_write({"state": state, "provider_id": False})
