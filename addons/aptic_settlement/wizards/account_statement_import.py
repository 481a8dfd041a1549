import base64
import hashlib
import logging

from odoo import api, fields, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..bank_xml import BadFile, format_of, looks_like_xml, opened
from ..models.account_bank_statement import FROM_BANK

OCA = "odoo.addons.account_statement_import_camt.wizard.account_statement_import"


class NoError(logging.Filter):
    """A person's file that is neither XML nor a zip is refused in words: it is no error of the server."""

    def filter(self, record):
        """Let OCA's line on it pass as information, without its traceback."""
        if record.msg == "BadZipfile exception":
            record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        return True


logging.getLogger(OCA).addFilter(NoError())


class AccountStatementImport(models.TransientModel):
    _inherit = "account.statement.import"

    def _create_bank_statements(self, stmts_vals, result):
        """Check what comes to the segregated journal, mark it as the bank's, match what names its document."""
        journal = self.env["account.journal"].browse({vals["journal_id"] for vals in stmts_vals})
        segregated = journal == journal.company_id.aptic_bank_journal_id
        if segregated:
            stmts_vals = sorted(stmts_vals, key=lambda vals: str(vals.get("aptic_closing_day") or ""))
            self._aptic_check_statements(journal, stmts_vals)
        file_hash = hashlib.sha256(base64.b64decode(self.statement_file)).hexdigest()
        for vals in stmts_vals:
            vals.pop("aptic_iban", None)
            if segregated:
                vals.update(aptic_file_hash=file_hash, aptic_number=vals["name"])
                vals["aptic_closing_day"] = fields.Date.to_date(vals["aptic_closing_day"])
            else:
                vals.pop("aptic_closing_day", None)
            for line in vals["transactions"]:
                if segregated:
                    line["aptic_from_bank"] = True
                else:
                    for name in ("aptic_end_to_end", "aptic_return_code", "aptic_return_text"):
                        line.pop(name, None)
        if not segregated:
            return super()._create_bank_statements([vals for vals in stmts_vals if vals["transactions"]], result)
        importer = self.with_context(aptic_from_bank=FROM_BANK)
        super(AccountStatementImport, importer)._create_bank_statements(
            [vals for vals in stmts_vals if vals["transactions"]], result
        )
        quiet = importer.env["account.bank.statement"].create(
            [
                {name: value for name, value in vals.items() if name != "transactions"}
                for vals in stmts_vals
                if "transactions" in vals and not vals["transactions"]
            ]
        )
        quiet.journal_id = journal  # core reads it from the lines, and there are none
        result["statement_ids"].extend(quiet.ids)
        self.env["account.bank.statement"].browse(result["statement_ids"]).action_aptic_match()
        return None

    def _import_file(self):
        """Refuse what is no file at all, before anybody decodes it."""
        self.ensure_one()
        try:
            data = base64.b64decode(self.statement_file or b"", validate=True)
        except ValueError:
            data = b""
        if not data.strip():
            raise UserError(
                self.env._("The file is empty: nothing was imported. Download it again from the bank's site.")
            )
        return super()._import_file()

    def import_single_file(self, file_data, result):
        """Say what an XML file lacks from which nothing came; OCA takes it for one that was imported before."""
        answer = super().import_single_file(file_data, result)
        if not result["statement_ids"] and looks_like_xml(file_data):
            raise UserError(
                self.env._(
                    "%(name)s holds neither a movement nor a closing balance: nothing was imported. Ask the bank for "
                    "the complete camt.053 of the day.",
                    name=self.statement_filename or "?",
                )
            )
        return answer

    def _parse_file(self, data_file):
        """Say in words what to do about a file that is no statement."""
        if looks_like_xml(data_file):
            self._aptic_check_xml(data_file)
        try:
            return super()._parse_file(data_file)
        except UserError as error:
            raise UserError(
                self.env._(
                    "%(name)s cannot be read as a bank statement: nothing was imported. Ask the bank for its camt.053 "
                    "file (XML), and import it as it is.",
                    name=self.statement_filename or "?",
                )
            ) from error

    # ----------------------------------------------------------------- checks
    def _aptic_check_xml(self, data):
        """Refuse, in words, an XML file that is damaged or is another message of the bank."""
        name = self.statement_filename or "?"
        try:
            kind = format_of(opened(data))
        except BadFile as error:
            raise UserError(
                self.env._(
                    "%(name)s is damaged or was cut off on its way: nothing was imported. Download it again from the "
                    "bank's site, and import it as it is.",
                    name=name,
                )
            ) from error
        if kind.startswith(("pain.002", "camt.054")):
            raise UserError(
                self.env._(
                    "%(name)s is a message %(kind)s, not a statement: nothing was imported. Bring it by “Import the "
                    "bank's answer”.",
                    name=name,
                    kind=kind,
                )
            )

    @api.model
    def _check_parsed_data(self, stmts_vals):
        """A statement without movements counts when it says its balance."""
        return super()._check_parsed_data(stmts_vals) or any(vals.get("aptic_closing_day") for vals in stmts_vals)

    def _aptic_check_statements(self, journal, stmts_vals):
        """Refuse, in words, a file that is not the next statement of the segregated account.

        :raise UserError: another account, known already, not whole, not following the last one
        """
        statements = self.env["account.bank.statement"]
        currency = journal.currency_id or journal.company_id.currency_id
        last = statements._aptic_last(journal)
        last_day, last_balance = last.aptic_closing_day, last.balance_end_real
        for vals in stmts_vals:
            number = vals.get("name") or "?"
            iban = sanitize_account_number(vals.get("aptic_iban") or "")
            if iban != journal.bank_account_id.sanitized_acc_number:
                raise UserError(
                    self.env._(
                        "Statement %(number)s is of the account %(iban)s, not of the segregated account %(own)s: "
                        "nothing was imported.",
                        number=number,
                        iban=iban or "?",
                        own=journal.bank_account_id.acc_number,
                    )
                )
            if statements.search_count([("journal_id", "=", journal.id), ("aptic_number", "=", number)], limit=1):
                raise UserError(
                    self.env._("Statement %(number)s was imported already: nothing was imported again.", number=number)
                )
            day = fields.Date.to_date(vals.get("aptic_closing_day"))
            total = vals["balance_start"] + sum(line["amount"] for line in vals["transactions"])
            if not day or currency.compare_amounts(total, vals["balance_end_real"]):
                raise UserError(
                    self.env._(
                        "Statement %(number)s is not whole: it opens with %(opening)s, its lines make %(lines)s "
                        "and it closes with %(closing)s. Ask the bank for the complete camt.053 of the day.",
                        number=number,
                        opening=currency.format(vals["balance_start"]),
                        lines=currency.format(total - vals["balance_start"]),
                        closing=currency.format(vals["balance_end_real"]),
                    )
                )
            if last_day and (day < last_day or currency.compare_amounts(vals["balance_start"], last_balance)):
                raise UserError(
                    self.env._(
                        "Statement %(number)s of %(day)s opens with %(opening)s, but the last one imported closes on"
                        " %(last_day)s with %(last)s. Import the statements in order, without leaving one out.",
                        number=number,
                        day=format_date(self.env, day),
                        opening=currency.format(vals["balance_start"]),
                        last_day=format_date(self.env, last_day),
                        last=currency.format(last_balance),
                    )
                )
            last_day, last_balance = day, vals["balance_end_real"]
