import base64
import dataclasses
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import clock

# What the sponsor decided in the proof, and who alone may write it once the order is confirmed: `_offer_proof`, which
# makes another version of it. The identity of the object is the permission, as in `aptic.guarded.mixin`.
PROOF_FIELDS = frozenset({"message", "logo"})
_NEW_VERSION = object()
DAYS = 10
LONGEST_REASON = 2000


class ApticOrder(models.Model):
    """The proof (« BAT ») of a confirmed order: versions until the sponsor approves one, which is what is printed."""

    _name = "aptic.order"
    _inherit = ["aptic.team.thread", "aptic.order"]

    proof_ids = fields.One2many("aptic.proof", "order_id", string="Proofs")
    proof_id = fields.Many2one(
        "aptic.proof", string="Latest proof", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    proof_state = fields.Selection(related="proof_id.state", string="Proof")

    _guarded_fields = frozenset({"proof_id"})

    # ------------------------------------------------------------------ thread
    def _thread_provider(self):
        self.ensure_one()
        return self.sponsor_id

    def _thread_url(self):
        self.ensure_one()
        return f"/my/aptic/orders/{self.id}"

    # ---------------------------------------------------------------- versions
    def _check_not_frozen(self, names):
        if self.env.context.get("aptic_proof") is _NEW_VERSION and set(names) <= PROOF_FIELDS:
            return
        super()._check_not_frozen(names)

    def _confirm(self):
        todo = self.filtered(lambda order: order.state == "draft")
        result = super()._confirm()
        todo._offer_proofs()
        return result

    def _offer_proof(self, message=None, logo=None, note=""):
        """Answer the sponsor with a new version of the proof, which takes the place of the one before it.

        :param message: the message on the voucher, None to keep the one there is
        :param logo: an image in base64 or False, None to keep the one there is
        :param str note: what changed, told to the sponsor
        :return: the ``aptic.proof``
        :raise UserError: once the proof is approved, or before the order is confirmed
        """
        self.ensure_one()
        order = self.sudo()
        order._lock_or_retry()
        if order.state != "confirmed":
            raise UserError(
                self.env._("%s has no proof to be approved now: it is not waiting for one.", order.display_name)
            )
        changes = {name: value for name, value in (("message", message), ("logo", logo)) if value is not None}
        if changes:
            order.with_context(aptic_proof=_NEW_VERSION).write(changes)
        return order._offer_proofs(note)

    def _offer_proofs(self, note=""):
        """Draw the next version for each order, by sets, and tell the sponsors."""
        orders = self.sudo()
        former = orders.proof_id.filtered(lambda proof: proof.state in ("waiting", "returned"))
        former._guarded_write({"state": "replaced"})
        former.flush_recordset()
        proofs = self.env["aptic.proof"].sudo()
        if not orders:
            return proofs
        vals_list, files = [], []
        due_on = fields.Date.add(clock.today(), days=self._proof_days())
        for order in orders:
            number = (order.proof_id.number or 0) + 1
            pdf = order._proof_pdf()
            vals_list.append(
                {
                    "name": f"{order.name}-BAT{number}",
                    "order_id": order.id,
                    "number": number,
                    "sponsor_name": order.sponsor_id.name,
                    "message": order.message,
                    "logo": order.logo or order.sponsor_id.image_512,
                    "note": note,
                    "sent_at": clock.now(),
                    "due_on": due_on,
                    "sha256": hashlib.sha256(pdf).hexdigest(),
                }
            )
            files.append(
                {"name": f"{order.name} BAT {number}.pdf", "raw": pdf, "mimetype": "application/pdf",
                 "res_model": proofs._name}
            )  # fmt: skip
        attachments = self.env["ir.attachment"].sudo().create(files)
        for vals, attachment in zip(vals_list, attachments, strict=True):
            vals["attachment_id"] = attachment.id
        proofs = proofs._guarded_create(vals_list)
        for order, proof in zip(orders, proofs, strict=True):
            proof.attachment_id.res_id = proof.id
            order._guarded_write({"proof_id": proof.id})
            env = order._in_their_language().env
            body = env._(
                "The proof %(name)s waits for your approval by %(day)s: read it, then approve it or send it back.",
                name=proof.name, day=format_date(env, proof.due_on),
            )  # fmt: skip
            order._tell_sponsor(env._("Proof %s to approve", proof.name), f"{body} {note}".strip(), page="/proofs")
        return proofs

    def _proof_days(self):
        """Days in which the sponsor answers, as the settings say."""
        return self._days_setting("aptic_voucher.proof_days", DAYS)

    def _prepare_sheet(self):
        """What is printed is what was approved, whatever was renamed since."""
        sheet = super()._prepare_sheet()
        proof = self.sudo().proof_id.with_context(bin_size=False)
        if proof.state != "approved":
            return sheet
        logo = base64.b64decode(proof.logo) if proof.logo else None
        return dataclasses.replace(sheet, sponsor=proof.sponsor_name, message=proof.message or "", logo=logo)

    # ----------------------------------------------------------------- answers
    def _approve_proof(self, shown=None):
        """The sponsor accepts the version that it was shown (default: the latest): the vouchers may be printed.

        Approved twice, also by two persons at once, it is approved once, and one row enters the ledger.

        :param int shown: id of the ``aptic.proof`` on the screen
        :raise UserError: when another version came meanwhile, or this one was sent back
        """
        self.sudo()._lock_or_retry()
        for order in self.sudo():
            if order.state == "confirmed":
                order._check_answerable(shown or order.proof_id.id)
        moved = self.filtered(lambda order: order.state != "proofed")
        result = super()._approve_proof()
        for order in moved.sudo():
            order.proof_id._guarded_write(
                {"state": "approved", "decided_at": clock.now(), "decided_by_id": self.env.uid}
            )
            if self.env.user.share:
                order.message_post(body=order.env._("Proof approved by the sponsor in its space."))
        self.env["aptic.event"].sudo()._append(
            [
                {
                    "kind": "proof",
                    "order_id": order.id,
                    "quantity": order.quantity,
                    "amount_cents": 0,
                    "user_id": self.env.uid,
                    "reason": f"{order.proof_id.name} {order.proof_id.sha256}",
                }
                for order in moved.sudo()
            ]
        )
        return result

    def _return_proof(self, shown, reason, user=None):
        """The sponsor sends the version back with what is to be changed; the team gets something to do.

        :param int shown: id of the ``aptic.proof`` on the screen
        :param str reason: plain text as typed
        :param user: ``res.users`` record of who answers, default the current user
        :raise UserError: without a reason, or when this version no longer waits for an answer
        """
        self.ensure_one()
        order, user = self.sudo(), user or self.env.user
        reason = reason.replace("\0", "").strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Write what is to be changed: the #APTIC team answers with a new version."))
        if len(reason) > LONGEST_REASON:
            raise UserError(self.env._("Your reason is too long: %s characters at most.", LONGEST_REASON))
        order._lock_or_retry()
        if order.proof_id.id == shown and order.proof_id.state == "returned":
            return  # the same click once more
        if order.state != "confirmed":
            raise UserError(self.env._("The proof of %s no longer waits for an answer.", order.display_name))
        order._check_answerable(shown)
        order.proof_id._guarded_write(
            {"state": "returned", "decided_at": clock.now(), "decided_by_id": user.id, "reason": reason}
        )
        order._write_to_team(
            user, self.env._("%(proof)s sent back: %(reason)s", proof=order.proof_id.name, reason=reason)
        )

    def _check_answerable(self, shown):
        proof = self.proof_id
        if not proof:
            raise UserError(self.env._("The #APTIC team has not sent the proof of %s yet.", self.display_name))
        if proof.id != shown:
            raise UserError(
                self.env._("Another version of the proof came meanwhile: read %s, then answer.", proof.name)
            )
        if proof.state != "waiting":
            raise UserError(self.env._("%s was sent back: wait for the next version.", proof.name))

    # ----------------------------------------------------------------- give up
    def _cancel(self):
        result = super()._cancel()
        waiting = self.sudo().proof_id.filtered(lambda proof: proof.state in ("waiting", "returned"))
        waiting._guarded_write({"state": "cancelled"})
        return result

    # ---------------------------------------------------------------- buttons
    def action_new_proof(self):
        """Button of the back office: asks what changes, then sends the sponsor a new version."""
        self.ensure_one()
        self._check_staff()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New version of the proof"),
            "res_model": "aptic.proof.version",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }
