from odoo import models


class AccountStatementImportCamtParser(models.AbstractModel):
    _inherit = "account.statement.import.camt.parser"

    def parse(self, data):
        """Keep the statements of quiet days too: without a movement, but with the bank's word on its balance."""
        quiet = []
        currency, account, statements = super(
            AccountStatementImportCamtParser, self.with_context(aptic_quiet=quiet)
        ).parse(data)
        for statement in quiet:
            currency = currency or statement["currency"]
            account = account or statement["account_number"]
            statements.append({k: v for k, v in statement.items() if k not in ("currency", "account_number")})
        return currency, account, statements

    def parse_statement(self, ns, node):
        """Also keep the account of each statement and the day of its closing balance."""
        result = super().parse_statement(ns, node)
        result["aptic_iban"] = result.get("account_number")
        closing = "./ns:Bal[ns:Tp/ns:CdOrPrtry/ns:Cd='CLBD']/ns:Dt"
        self.add_value_from_node(ns, node, [f"{closing}/ns:Dt", f"{closing}/ns:DtTm"], result, "aptic_closing_day")
        if not result["transactions"] and result.get("account_number") and result.get("currency"):
            self.env.context.get("aptic_quiet", []).append({**result, "date": result.get("aptic_closing_day")})
        return result

    def parse_transaction_details(self, ns, node, transaction):
        """Also keep the end-to-end reference apart, for matching."""
        result = super().parse_transaction_details(ns, node, transaction)
        self.add_value_from_node(ns, node, "./ns:Refs/ns:EndToEndId", transaction, "aptic_end_to_end")
        return result
