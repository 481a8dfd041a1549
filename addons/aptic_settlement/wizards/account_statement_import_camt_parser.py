from odoo import models


class AccountStatementImportCamtParser(models.AbstractModel):
    _inherit = "account.statement.import.camt.parser"

    def parse_statement(self, ns, node):
        """Also keep the account of each statement and the day of its closing balance."""
        result = super().parse_statement(ns, node)
        result["aptic_iban"] = result.get("account_number")
        closing = "./ns:Bal[ns:Tp/ns:CdOrPrtry/ns:Cd='CLBD']/ns:Dt"
        self.add_value_from_node(ns, node, [f"{closing}/ns:Dt", f"{closing}/ns:DtTm"], result, "aptic_closing_day")
        return result

    def parse_transaction_details(self, ns, node, transaction):
        """Also keep the end-to-end reference apart, for matching."""
        result = super().parse_transaction_details(ns, node, transaction)
        self.add_value_from_node(ns, node, "./ns:Refs/ns:EndToEndId", transaction, "aptic_end_to_end")
        return result
