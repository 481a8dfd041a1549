from odoo import api, models
from odoo.exceptions import UserError


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.model
    def action_aptic_import(self):
        """Menu: bring in the bank's file of the segregated account."""
        return self._aptic_segregated().import_account_statement()

    @api.model
    def action_aptic_answer(self):
        """Menu: bring in the bank's answer to a payment order."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account_payment_return_import.action_account_payment_return_import"
        )
        action["name"] = self.env._("The bank's answer to a payment order")
        action["context"] = {"default_journal_id": self._aptic_segregated().id, "aptic_answer": True}
        return action

    @api.model
    def action_aptic_reconcile(self):
        """Menu: the reconciliation screen of the segregated account."""
        journal = self._aptic_segregated()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account_reconcile_oca.action_bank_statement_line_reconcile"
        )
        action["context"] = {
            "default_journal_id": journal.id,
            "active_id": journal.id,
            "search_default_not_reconciled": True,
            "view_ref": "account_reconcile_oca.bank_statement_line_form_reconcile_view",
        }
        action["domain"] = [("journal_id", "=", journal.id)]
        return action

    def _aptic_segregated(self):
        journal = self.env.company.aptic_bank_journal_id
        if not journal:
            raise UserError(self.env._("Choose the segregated bank journal in the settings of invoicing first."))
        return journal
