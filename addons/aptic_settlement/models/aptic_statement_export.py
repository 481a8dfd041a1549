from odoo import models
from odoo.addons.aptic_base.import_files import csv_bytes


class ApticStatement(models.Model):
    """The statement as a table for the provider's own books: its amounts add up to what is paid."""

    _inherit = "aptic.statement"

    def _csv(self):
        """The lines, the corrections, the fees and what is carried over, in the provider's language.

        :return: bytes of a CSV file as French spreadsheets read it
        """
        self.ensure_one()
        statement = self.sudo()
        lang = statement.provider_id.partner_id.lang or self.env.lang
        return csv_bytes(statement.with_context(lang=lang)._csv_rows())

    def _csv_name(self):
        """The name of the CSV's file."""
        return f"{self.name}.csv"

    def _csv_rows(self):
        yield [
            self.env._("What"), self.env._("Day"), self.env._("Place"), self.env._("Service"), self.env._("Vouchers"),
            self.env._("Amount"), self.env._("Detail"),
        ]  # fmt: skip
        vouchers, reversed_ = self.env._("Vouchers received"), self.env._("Reversed redemptions")
        for line in self._lines():
            yield [
                vouchers, line["day"].isoformat(), line["place"], line["service"], line["vouchers"],
                line["cents"] / 100, "",
            ]  # fmt: skip
        for line in self._corrections():
            yield [
                reversed_, line["day"].isoformat(), line["place"], line["service"], -line["vouchers"],
                -line["cents"] / 100, line["told"],
            ]  # fmt: skip
        for label, cents in (
            *((label, -cents) for label, cents in self._fee_lines()),
            (self._fee_back_label(), self.correction_fee_cents),
            (self.env._("Carried over from %s", self.carried_from_id.name), -self.carried_in_cents),
            (self.env._("Carried over to the next statement"), self.carried_out_cents),
            *((label, -cents) for label, cents in self._set_off_lines()),
        ):
            if cents:
                yield [label, "", "", "", "", cents / 100, ""]
        yield [self.env._("Net to be paid"), "", "", "", "", (self.due_cents - self.set_off_cents) / 100, ""]
