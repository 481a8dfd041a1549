from odoo import models
from odoo.addons.aptic_base.texts import paragraphs
from odoo.tools import format_date, formatLang

from .. import closing_pdf
from ..days import paris_day


class ApticClosing(models.Model):
    """The joint statement on paper, drawn on demand from its own figures: the same tomorrow as today."""

    _inherit = "aptic.closing"

    def _pdf(self):
        """The statement as a PDF in the sponsor's language (bytes)."""
        self.ensure_one()
        closing = self.sudo()
        return closing_pdf.draw(closing.with_context(lang=closing.sponsor_id.lang or self.env.lang)._paper())

    def _pdf_name(self):
        """The name of the PDF's file."""
        return f"{self.name}.pdf"

    def action_open_pdf(self):
        """Button: the statement on paper."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/my/aptic/closings/{self.id}/pdf", "target": "download"}

    def _paper(self):
        order, sponsor = self.order_id, self.sponsor_id
        return closing_pdf.Paper(
            title=self.env._("Joint statement"),
            number=self.name,
            introduction=self.env._(
                "Between %(operator)s and %(sponsor)s, about the vouchers of order %(order)s: what became of them and"
                " of the money received for them, once they can no longer be used.",
                operator=order.company_id.name,
                sponsor=sponsor.name,
                order=order.name,
            ),
            facts=[
                (self.env._("Sponsor"), sponsor.name),
                (self.env._("SIRET"), sponsor.siret or "-"),
                (self.env._("Face value document"), order.face_move_id.name or "-"),
                (self.env._("Value of a voucher"), self._money(order.face_value_cents)),
                (self.env._("Last valid day"), format_date(self.env, self.last_day)),
                (self.env._("Taken until (tolerance included)"), format_date(self.env, self.accepted_until)),
                (self.env._("Drawn on"), format_date(self.env, paris_day(self.drawn_at))),
            ],
            headers=(self.env._("Vouchers"), self.env._("How many"), self.env._("Face value")),
            counts=[(label, self._number(count), self._money(cents)) for label, count, cents in self._counts()],
            money_title=self.env._("Money"),
            money=[(label, self._money(cents)) for label, cents in self._amounts()],
            notes=[
                self.env._(
                    "The fees for making and sending the booklets stay due; they are no part of this statement."
                ),
                self.env._("Unused face value goes back to the sponsor by bank transfer; nothing of it is an income of"
                           " the operator."),
            ],
            answer=self._answer_sentence(),
            signatures=(
                self.env._("For the operator: %s", order.company_id.name),
                self.env._("For the sponsor: %s", sponsor.name),
            ),
        )  # fmt: skip

    def _counts(self):
        face = self.order_id.face_value_cents
        return [
            (label, count, count * face)
            for label, count in (
                (self.env._("Ordered"), self.ordered_count),
                (self.env._("Printed"), self.printed_count),
                (self.env._("Activated"), self.activated_count),
                (self.env._("Redeemed"), self.redeemed_count),
                (self.env._("Expired, not used"), self.expired_count),
                (self.env._("Blocked (lost or stolen)"), self.blocked_count),
                (self.env._("Replaced"), self.replaced_count),
            )
        ]

    def _amounts(self):
        return [
            (self.env._("Received by the segregated account"), self.received_cents),
            (self.env._("Paid by vouchers that were redeemed"), self.redeemed_cents),
            (self.env._("Active vouchers that were not used"), self.unused_cents),
            (self.env._("Received for vouchers that were never activated"), self.surplus_cents),
            (self.env._("Goes back to the sponsor"), self.unused_cents + self.surplus_cents),
        ]

    def _answer_sentence(self):
        if self.stage == "signed":
            return self.env._(
                "Signed on the sponsor's space by %(user)s on %(day)s.",
                user=self.signed_by_id.name,
                day=format_date(self.env, paris_day(self.signed_at)),
            )
        if self.stage == "contested":
            return self.env._("Contested on %s.", format_date(self.env, paris_day(self.contested_at)))
        if self.stage == "tacit":
            return self.env._(
                "Taken as agreed on %s, without an answer.", format_date(self.env, paris_day(self.tacit_at))
            )
        return ""

    def _money(self, cents):
        return self.currency_id.format(cents / 100)

    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    def _words(self, env):
        """Subject and text of the message that asks the sponsor to sign."""
        self.ensure_one()
        return (
            env._("Order %s: a statement to sign", self.order_id.name),
            paragraphs(
                env._(
                    "The vouchers of order %(name)s can no longer be used: %(redeemed)s were redeemed, %(amount)s go"
                    " back to you.",
                    name=self.order_id.name,
                    redeemed=self.redeemed_count,
                    amount=self._money(self.unused_cents + self.surplus_cents),
                ),
                env._("Read the joint statement on the page of the order, then sign it or say what is wrong."),
            ),
        )
