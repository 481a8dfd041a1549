import uuid
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .. import acts

STAFF = "aptic_base.group_aptic_user"


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call: who of the team types, and why. An object of the server, which no request can bring."""

    user_id: int
    reason: str


class ApticRedemption(models.Model):
    """Acts that the team types for a provider on the telephone, and what the team may touch."""

    _inherit = "aptic.redemption"

    staff_id = fields.Many2one(
        "res.users",
        string="Typed by the team",
        ondelete="restrict",
        readonly=True,
        index="btree_not_null",
        help="Who of the team typed this act for the provider; empty for an act at the desk.",
    )
    staff_reason = fields.Char(string="Why by the team", readonly=True)

    _staff_says_why = models.Constraint(
        "CHECK((staff_id IS NULL) = (staff_reason IS NULL))", "An act that the team types has a reason."
    )

    @api.model
    def _redeem_by_phone(self, member, place, offer, audience, codes, price_cents, client_key, reason):
        """Pay for a service in the name of a provider's member who is on the telephone.

        The very act of :meth:`_redeem`, with every rule of it, at this moment; it is the member's act, and the provider
        sees it among theirs. The redemption and the ledger name the person of the team and the reason as well.

        :param member: ``aptic.member`` of the provider who asks for it: a manager or a mediator, in force
        :param str client_key: one for each call, so that the same form sent twice is one act
        :param str reason: why the provider cannot scan, in words
        :return: as :meth:`_redeem`
        :raise AccessError: for who is not of the team, or for vouchers of a company that is not theirs
        :raise UserError: without a reason
        """
        if not self.env.user.has_group(STAFF):
            raise AccessError(self.env._("Only the #APTIC team may redeem for a provider."))
        reason = one_line(reason, acts.LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say why the provider cannot scan: it stays in the ledger."))
        self._check_companies_of(codes)
        by_team = self.sudo().with_context(aptic_call=Call(self.env.uid, reason))
        return by_team._redeem(
            member,
            place,
            offer,
            audience,
            codes,
            price_cents,
            f"phone-{client_key or uuid.uuid4()}",
            fields.Datetime.now(),
        )

    def _check_companies_of(self, codes):
        """Refuse vouchers that other companies have issued."""
        parsed = acts.parse_all(codes)
        if isinstance(parsed, acts.Refusal):
            return
        issued = Domain("serial", "in", [code.serial for code in parsed])
        others = issued & Domain("order_id.company_id", "not in", self.env.companies.ids)
        if self.env["aptic.voucher"].sudo().search_count(others, limit=1):
            raise AccessError(self.env._("These vouchers were issued by another company: switch to it first."))

    # ------------------------------------------------------------------- hooks
    def _call(self):
        call = self.env.context.get("aptic_call")
        return call if isinstance(call, Call) else None

    @api.model
    def _prepare_redemption_vals(self, act, desk, vouchers, now):
        values = super()._prepare_redemption_vals(act, desk, vouchers, now)
        call = self._call()
        return {**values, "staff_id": call.user_id, "staff_reason": call.reason} if call else values

    @api.model
    def _prepare_ledger_rows(self, kind, redemption_id, vouchers, at, user_id, reason=None):
        call = kind == "redeem" and self._call()
        if call:
            user_id, reason = call.user_id, call.reason
        return super()._prepare_ledger_rows(kind, redemption_id, vouchers, at, user_id, reason)

    def _may_cancel(self):
        """Staff act for their own companies only."""
        if not super()._may_cancel():
            return False
        if self.env.su or self.env["aptic.member"]._find(self.sudo().provider_id, roles=("manager",)):
            return True
        return self._is_for_this_staff()

    def _is_for_this_staff(self):
        """Whether the current user is of the team, and of the companies that issued the act's vouchers."""
        issuers = self.sudo().event_ids.order_id.company_id
        return self.env.user.has_group(STAFF) and issuers <= self.env.companies

    # ----------------------------------------------------------------- buttons
    def action_cancel(self):
        """Button: ask why, and cancel."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_redemption_cancel_action")
        return {**action, "context": {"default_redemption_id": self.id}}
