from odoo import api, fields, models
from odoo.exceptions import UserError

# Identity of this object is the mark of the importer: it cannot arrive through RPC, where a context is plain JSON.
FROM_BANK = object()


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    aptic_file_hash = fields.Char(
        string="Hash of the bank's file",
        readonly=True,
        copy=False,
        help="SHA-256 of the file that this statement came from; only the import of a bank's file sets it.",
    )
    aptic_number = fields.Char(string="Number at the bank", readonly=True, copy=False)
    aptic_closing_day = fields.Date(
        string="Day of the closing balance", readonly=True, copy=False, index="btree_not_null"
    )

    _aptic_number_unique = models.UniqueIndex(
        "(journal_id, aptic_number) WHERE aptic_file_hash IS NOT NULL",
        "This statement of the bank was imported already.",
    )

    _aptic_marks = frozenset({"aptic_file_hash", "aptic_number", "aptic_closing_day"})
    _aptic_locked = _aptic_marks | {"balance_start", "balance_end_real", "journal_id"}

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Refuse statements that claim to come from the bank."""
        _refuse_marks(self, vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Refuse to change what the bank said."""
        _refuse_marks(self, [vals])
        _refuse_changes(self.filtered("aptic_file_hash"), vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_from_bank(self):
        if self.filtered("aptic_file_hash"):
            raise UserError(self.env._("A statement read from the bank's file is evidence: it cannot be deleted."))

    # ----------------------------------------------------------------- checks
    def _aptic_proven(self):
        """The statements that prove money: read from the bank's file, whole, and joined to the one before.

        opening balance + lines = closing balance, and the opening balance is the closing balance of the bank's
        statement before it on the same journal, where there is one.
        """
        proven = self.browse()
        for statement in self.filtered("aptic_file_hash"):
            cents = statement.currency_id
            lines = statement.line_ids
            before = statement._aptic_before()
            if (
                all(line.aptic_from_bank and line.move_id.state == "posted" for line in lines)
                and not cents.compare_amounts(
                    statement.balance_start + sum(lines.mapped("amount")), statement.balance_end_real
                )
                and not (before and cents.compare_amounts(before.balance_end_real, statement.balance_start))
            ):
                proven += statement
        return proven

    def _aptic_before(self):
        self.ensure_one()
        return self.search(
            [
                ("journal_id", "=", self.journal_id.id),
                ("aptic_file_hash", "!=", False),
                "|",
                ("aptic_closing_day", "<", self.aptic_closing_day),
                "&",
                ("aptic_closing_day", "=", self.aptic_closing_day),
                ("id", "<", self.id),
            ],
            order="aptic_closing_day desc, id desc",
            limit=1,
        )

    @api.model
    def _aptic_last(self, journal, day=None):
        """The bank's last statement of ``journal`` that closes on ``day`` or before it."""
        domain = [("journal_id", "=", journal.id), ("aptic_file_hash", "!=", False)]
        if day:
            domain.append(("aptic_closing_day", "<=", day))
        return self.search(domain, order="aptic_closing_day desc, id desc", limit=1)

    # ------------------------------------------------------------------ match
    def action_aptic_match(self):
        """Reconcile what names exactly one open item of exactly its amount; leave the rest to a person.

        :return: number of lines reconciled
        """
        return len(self.line_ids._aptic_match())


def _refuse_marks(records, vals_list):
    if records.env.context.get("aptic_from_bank") is FROM_BANK:
        return
    for vals in vals_list:
        for name in records._aptic_marks & vals.keys():
            if vals[name]:
                raise UserError(
                    records.env._(
                        "“%(field)s” is set by the import of a bank's file only.",
                        field=records._fields[name]._description_string(records.env),
                    )
                )


def _refuse_changes(records, vals):
    """Refuse a write that would change what the bank said; writing the same values again is harmless."""
    if records.env.context.get("aptic_from_bank") is FROM_BANK:
        return
    for name in records._aptic_locked & vals.keys():
        field = records._fields[name]
        for record in records:
            wanted = field.convert_to_write(
                field.convert_to_record(field.convert_to_cache(vals[name], record), record), record
            )
            if wanted != field.convert_to_write(record[name], record):
                raise UserError(
                    records.env._(
                        "“%(field)s” was read from the bank's file and cannot be changed: it is what the bank said.",
                        field=field._description_string(records.env),
                    )
                )
