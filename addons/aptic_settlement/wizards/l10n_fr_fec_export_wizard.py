import base64
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import fec

_logger = logging.getLogger(__name__)

SHOWN = 5  # problems told at once


class L10nFrFecExportWizard(models.TransientModel):
    """The file of accounting entries, checked before anyone can hand it over.

    Odoo's community edition makes the content of the file and leaves its delivery to others.
    """

    _inherit = "l10n_fr.fec.export.wizard"

    aptic_file = fields.Binary(string="File", readonly=True)
    aptic_problems = fields.Text(string="What an inspector would refuse", readonly=True)

    @api.model
    def default_get(self, fields_list):
        """The last fiscal year that is over, as a trial."""
        values = super().default_get(fields_list)
        company = self.env.company
        this_year = company.compute_fiscalyear_dates(fields.Date.context_today(self))
        year = company.compute_fiscalyear_dates(this_year["date_from"] - timedelta(days=1))
        for name, usual in {**year, "test_file": True}.items():
            if name in fields_list:
                values[name] = values.get(name) or usual
        return values

    def create_fec_report_action(self):
        """Button: make the file, check it and offer it; the official one closes the period.

        :raise UserError: for a period that is not over, or a file that the law would refuse
        """
        self.ensure_one()
        self._check_period()
        if not self.test_file and not self.env.user.has_group("aptic_base.group_aptic_accountant"):
            raise UserError(
                self.env._("The official file closes the period: ask an accountant of #APTIC, or make a trial file.")
            )
        # Only the lock date needs more than what accountants may do: the entries are the company's own.
        made = self.sudo().generate_fec()
        problems = fec.check(made["file_content"], self.date_from, self.date_to)
        told = self._tell(problems)
        if problems and not self.test_file:
            raise UserError(
                self.env._(
                    "This file would be refused: nothing was closed. Correct the entries, then make it again.\n%s", told
                )
            )
        self.write(
            {
                "aptic_file": base64.b64encode(made["file_content"]),
                "filename": made["file_name"],
                "aptic_problems": told,
            }
        )
        if not self.test_file:
            _logger.info("FEC %s made by user %s: closed until %s", self.filename, self.env.uid, self.date_to)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("File of accounting entries (FEC)"),
        }

    def _check_period(self):
        if self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it starts: correct its days."))
        if not self.test_file and self.date_to >= fields.Date.context_today(self):
            raise UserError(self.env._("This period is not over: make a trial file, or wait for its last day."))

    def _get_company_legal_data(self, company):
        """The SIREN, from the SIRET too when no VAT number is known."""
        return super()._get_company_legal_data(company) or (company.company_registry or "").replace(" ", "")[:9]

    def _tell(self, problems):
        """The first problems in words, an empty text when there are none."""
        words = {
            "header": self.env._("the columns are not those of the law"),
            "width": self.env._("it has not 18 columns"),
            "empty": self.env._("it is empty"),
            "date": self.env._("it is no day"),
            "period": self.env._("it is outside the period"),
            "order": self.env._("it comes after a later day"),
            "amount": self.env._("it is no amount"),
            "account": self.env._(
                "it is in no class of the French chart from 1 to 8: give the account its number there"
            ),
            "pair": self.env._("it goes with another column, which is filled"),
            "split": self.env._("the entry has lines of several days"),
            "unbalanced": self.env._("debit and credit differ"),
        }
        lines = [
            self.env._(
                "Line %(line)s, %(field)s “%(value)s”: %(why)s.",
                line=problem.line,
                field=problem.field,
                value=problem.value[:80],
                why=words[problem.code],
            )
            for problem in problems[:SHOWN]
        ]
        if len(problems) > SHOWN:
            lines.append(self.env._("And %s more.", len(problems) - SHOWN))
        return "\n".join(lines)
