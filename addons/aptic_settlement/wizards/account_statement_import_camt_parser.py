import copy

from odoo import models

NOT_BOOKED = ("PDNG", "INFO", "FUTR")
RETURNED = "RRTN"


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

    def parse_entry(self, ns, node):
        """Leave out what is not booked; keep one line where the bank booked several payments without their amounts.

        The lines of an entry then always make its amount. What the batch is called goes where it can be matched.
        """
        status = node.xpath("string(./ns:Sts/ns:Cd | ./ns:Sts[not(*)])", namespaces={"ns": ns}).strip()
        if status in NOT_BOOKED:
            return
        batch = {}
        self.add_value_from_node(
            ns, node, ["./ns:NtryDtls/ns:Btch/ns:MsgId", "./ns:NtryDtls/ns:Btch/ns:PmtInfId"], batch, "ref"
        )
        transactions = list(super().parse_entry(ns, node))
        cents = round(self.parse_amount(ns, node) * 100)
        if len(transactions) > 1 and sum(round(each["amount"] * 100) for each in transactions) != cents:
            [together] = super().parse_entry(ns, self._aptic_without_details(ns, node))
            transactions = [{**together, **self._aptic_all_told(transactions)}]
        for transaction in transactions:
            if batch and not transaction.get("ref"):
                transaction["ref"] = batch["ref"]
            yield transaction

    def _aptic_without_details(self, ns, node):
        alone = copy.deepcopy(node)
        for details in alone.xpath("./ns:NtryDtls/ns:TxDtls", namespaces={"ns": ns}):
            details.getparent().remove(details)
        return alone

    def _aptic_all_told(self, transactions):
        """What the details of an entry name, line by line, for one line of the statement."""
        told = {
            name: [each.get(name) or "" for each in transactions] for name in ("aptic_end_to_end", "aptic_return_code")
        }
        return {name: "\n".join(values) for name, values in told.items() if any(values)}

    def parse_transaction_details(self, ns, node, transaction):
        """Also keep the end-to-end reference apart, for matching, and why the bank sends money back."""
        result = super().parse_transaction_details(ns, node, transaction)
        self.add_value_from_node(ns, node, "./ns:Refs/ns:EndToEndId", transaction, "aptic_end_to_end")
        self.add_value_from_node(
            ns,
            node,
            ["./ns:RtrInf/ns:Rsn/ns:Cd", "./ns:RtrInf/ns:Rsn/ns:Prtry"],
            transaction,
            "aptic_return_code",
        )
        self.add_value_from_node(ns, node, "./ns:RtrInf/ns:AddtlInf", transaction, "aptic_return_text", join_str=" ")
        if not transaction.get("aptic_return_code") and str(transaction.get("transaction_type")).endswith(RETURNED):
            transaction["aptic_return_code"] = RETURNED
        return result
