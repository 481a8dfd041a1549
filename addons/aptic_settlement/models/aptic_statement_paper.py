from odoo import models
from odoo.addons.aptic_voucher.days import paris_day
from odoo.addons.aptic_voucher.sheet import in_words
from odoo.tools import format_date, get_lang

from .. import statement_pdf


class ApticStatement(models.Model):
    """The statement on paper: drawn on demand from the facts, so that it is the same tomorrow."""

    _inherit = "aptic.statement"

    def _pdf(self):
        """The statement as a PDF, in the provider's language.

        :return: bytes
        """
        self.ensure_one()
        statement = self.sudo()
        lang = statement.provider_id.partner_id.lang or self.env.lang
        return statement_pdf.draw(statement.with_context(lang=lang)._paper())

    def action_open_pdf(self):
        """Button: the statement on paper."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/my/aptic/statements/{self.id}/pdf", "target": "download"}

    def _paper(self):
        settlement = self.settlement_id
        provider, company, currency = self.provider_id, self.company_id, self.currency_id
        approved = settlement.approved_on
        facts = [
            (self.env._("Period"), format_date(self.env, settlement.last_day, date_format="MMMM y")),
            (self.env._("Received before"), format_date(self.env, settlement.cutoff_day)),
            (self.env._("Approved on"), format_date(self.env, paris_day(approved)) if approved else "-"),
            (self.env._("Fee invoice"), self.fee_move_id.name or "-"),
        ]
        return statement_pdf.Paper(
            title=self.env._("Counter-payment statement"),
            number=self.name,
            facts=facts,
            sender=self._address(company.partner_id),
            recipient=[*self._address(provider.partner_id), self.env._("SIRET %s", provider.siret)],
            headers=(
                self.env._("Day"),
                self.env._("Place"),
                self.env._("Service"),
                self.env._("Sponsor"),
                self.env._("Voucher"),
                self.env._("Amount"),
            ),
            lines=[
                (
                    format_date(self.env, line["day"]),
                    line["place"],
                    line["service"],
                    line["sponsor"],
                    line["voucher"],
                    currency.format(line["cents"] / 100),
                )
                for line in self._lines()
            ],
            corrections=self._paper_corrections(),
            totals=self._paper_totals(),
            words=self.env._("Amount in words: %s.", self._net_in_words()),
            bank=self._bank_sentence(),
            notes=self._paper_notes(),
            page=self.env._("Page {page} of {pages}"),
        )

    def _paper_totals(self):
        """The figures, in the order in which they make what is paid; those of corrections where there are some."""
        money = self.currency_id.format
        totals = [
            (self.env._("Vouchers received (%s)", self.voucher_count), money(self.gross)),
            *((label, money(-cents / 100)) for label, cents in self._fee_lines()),
        ]
        if self.correction_cents:
            totals += [
                (self.env._("Reversed redemptions"), money(-self.correction_cents / 100)),
                (self._fee_back_label(), money(self.correction_fee_cents / 100)),
            ]
        if self.carried_from_id:
            totals.append((self.env._("Carried over from %s", self.carried_from_id.name), money(self.carried_in)))
        if self.carried_out_cents:
            totals.append((self.env._("Carried over to the next statement"), money(-self.carried_out)))
        return [*totals, *self._paper_set_off(), (self.env._("Net to be paid"), money(self.payable))]

    def _fee_back_label(self):
        """What the line of the fee given back says: its VAT."""
        self.ensure_one()
        tax = self.currency_id.format(self.correction_tax_cents / 100)
        if self.sudo().reversal_ids._contributions():
            return self.env._("Fee and contribution to the fund given back, of which VAT %s", tax)
        return self.env._("Fee given back, of which VAT %s", tax)

    def _paper_corrections(self):
        """The correction lines as rows of the paper: one as the others, then in full what it corrects and why."""
        rows = []
        for line in self._corrections():
            rows.append(
                (
                    format_date(self.env, line["day"]),
                    line["place"],
                    line["service"],
                    "",
                    "",
                    self.currency_id.format(-line["cents"] / 100),
                )
            )
            width = statement_pdf.RIGHT - statement_pdf.PLACE
            rows += [(text,) for text in statement_pdf.wrap(line["told"], width, size=8)]
        return rows

    def _net_in_words(self):
        cents = self.due_cents - self.set_off_cents
        if get_lang(self.env).code.startswith("fr") and cents:
            return in_words(cents)
        return self.currency_id.amount_to_text(self.payable)

    def _paper_notes(self):
        funds = [line for line in self.fund_line_ids if line.amount_cents > 0]
        sentence = self.env._("%(amount)s of this goes to the territorial fund (%(fund)s), paid by the operator.")
        if any(self.sudo().fee_ids.mapped("fund_charged_cents")):
            sentence = self.env._("%(amount)s of this goes to the territorial fund (%(fund)s).")
        told = [
            sentence % {"amount": self.currency_id.format(line.amount), "fund": line.fund_id.territory_id.name}
            for line in funds[:3]
        ]
        return [self.carried_reason, *told] if self.carried_out_cents else told

    def _address(self, partner):
        return [partner.name or "", partner.street or "", " ".join(filter(None, [partner.zip, partner.city]))]

    def _bank_account(self):
        """The account that was paid, or would be today."""
        paid = self.payout_line_ids.filtered(lambda line: line.state in ("generated", "uploaded")).sorted("id")
        return paid[-1:].partner_bank_id or self.provider_id.bank_account_id

    def _bank_sentence(self):
        """Where the money goes, in a sentence; of the IBAN only its ends are shown."""
        if self.state == "nil":
            return ""
        number = self._bank_account().sanitized_acc_number
        if not number:
            return self.env._("No bank account is in force: the payment waits for your bank details.")
        return self.env._("Paid by SEPA transfer to account %s.", f"{number[:4]} **** **** {number[-4:]}")
