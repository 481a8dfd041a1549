import io

from odoo import models
from odoo.addons.aptic_voucher import tables

WIDTHS = (26, 12, 28, 32, 28, 14, 12, 60)  # characters


class ApticStatement(models.Model):
    """The statement as a table for the provider's own books: its amounts add up to what is paid."""

    _inherit = "aptic.statement"

    def _spreadsheet(self, kind):
        """The vouchers, the corrections, the fees and what is carried over, in the provider's language.

        :param str kind: a key of ``tables.MIMETYPES``
        :return: bytes of a file as French spreadsheets read it
        """
        self.ensure_one()
        statement = self.sudo()
        rows = statement.with_context(lang=statement.provider_id.partner_id.lang or self.env.lang)._spreadsheet_rows()
        stream = io.BytesIO()
        tables.write(stream, kind, self.name, rows, WIDTHS)
        return stream.getvalue()

    def _spreadsheet_rows(self):
        yield [
            self.env._("What"), self.env._("Day"), self.env._("Place"), self.env._("Service"), self.env._("Sponsor"),
            self.env._("Voucher"), self.env._("Amount"), self.env._("Detail"),
        ]  # fmt: skip
        received, reversed_ = self.env._("Voucher received"), self.env._("Reversed redemption")
        for line in self._lines():
            yield [
                received, line["day"], line["place"], line["service"], line["sponsor"], line["voucher"],
                line["cents"] / 100, None,
            ]  # fmt: skip
        for line in self._corrections():
            yield [
                reversed_, line["day"], line["place"], line["service"], None, None, -line["cents"] / 100, line["told"],
            ]  # fmt: skip
        for label, cents in (
            *((label, -cents) for label, cents in self._fee_lines()),
            (self._fee_back_label(), self.correction_fee_cents),
            (self.env._("Carried over from %s", self.carried_from_id.name), -self.carried_in_cents),
            (self.env._("Carried over to the next statement"), self.carried_out_cents),
            *((label, -cents) for label, cents in self._set_off_lines()),
        ):
            if cents:
                yield [label, None, None, None, None, None, cents / 100, None]
        yield [
            self.env._("Net to be paid"), None, None, None, None, None, (self.due_cents - self.set_off_cents) / 100,
            None,
        ]  # fmt: skip
