import base64
import hashlib

from lxml import etree
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import file_open

from .. import bank_answers, sepa

# Identity of this object is the mark of our verbs: it cannot arrive through RPC, where a context is plain JSON.
VERB = object()
NAME_SIZE = 70
REFERENCES = ("Message Identification", "Payment Information Identification")


class AccountPaymentOrder(models.Model):
    """The file of a payment order of counter-payments: made once, checked, kept, and never handed out unseen."""

    _inherit = "account.payment.order"

    aptic_file = fields.Binary(
        string="Payment file", groups=fields.NO_ACCESS, copy=False, readonly=True, help="Read by its download only."
    )
    aptic_file_name = fields.Char(string="Payment file's name", copy=False, readonly=True)
    aptic_file_hash = fields.Char(
        string="Hash of the payment file", copy=False, readonly=True, help="SHA-256 of the file that was made."
    )
    aptic_message = fields.Char(
        string="Identification at the bank",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="MsgId of the file.",
    )
    aptic_downloads = fields.Integer(string="Downloads of the file", copy=False, readonly=True)

    _aptic_own = frozenset({"aptic_file", "aptic_file_name", "aptic_file_hash", "aptic_message", "aptic_downloads"})
    _aptic_fixed = _aptic_own | {
        "state", "payment_mode_id", "journal_id", "date_generated", "date_uploaded", "aptic_booking", "aptic_sent_by_id"
    }  # fmt: skip

    # ------------------------------------------------------------------ guard
    def write(self, vals):
        """Counter-payments change by their verbs only, once their order is confirmed."""
        names = self._aptic_fixed & vals.keys()
        if names and self.env.context.get("aptic_verb") is not VERB:
            for order in self.filtered(lambda order: order.state != "draft" and order._aptic_is_ours()):
                if any(order._fields[name].convert_to_write(order[name], order) != vals[name] for name in names):
                    raise UserError(
                        self.env._("%s pays providers: it changes by its own buttons only.", order.display_name)
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counter_payments(self):
        """Keep every order of counter-payments: its file may be at the bank, and its references are used up."""
        kept = self.filtered(lambda order: order._aptic_is_ours())
        if kept:
            raise UserError(
                self.env._("%s pays providers: it is kept. Cancel it instead.", ", ".join(kept.mapped("name")))
            )

    def _aptic_only_from(self, state, message):
        """Lock the orders of counter-payments among these and refuse when one is in another state."""
        ours = self.filtered(lambda order: order._aptic_is_ours())
        ours.lock_for_update()
        ours.invalidate_recordset(["state"])
        for order in ours:
            if order.state != state:
                raise UserError(message % {"order": order.name})
        return self.with_context(aptic_verb=VERB)

    # ------------------------------------------------------------------ verbs
    def draft2open(self):
        """Confirm; a second time would make the payments anew."""
        orders = self._aptic_only_from("draft", self.env._("%(order)s is confirmed already."))
        return super(AccountPaymentOrder, orders).draft2open()

    def open2generated(self):
        """Make the file, once; it is kept where only its download reaches it.

        :raise UserError: when there is a file already: a new one needs a cancellation, and has other references
        """
        orders = self._aptic_only_from(
            "open",
            self.env._(
                "%(order)s has its file already, or is cancelled. A new file needs a cancellation: cancel the order, "
                "then make another one from the settlement. The bank pays a file with the same references once only."
            ),
        )
        action = super(AccountPaymentOrder, orders).open2generated()
        if not self._aptic_is_ours():
            return action
        attachment = self.env["ir.attachment"].browse(action["res_id"])
        data = attachment.raw
        message, _blocks = bank_answers.payments_of(data)
        orders.sudo().write(
            {
                "aptic_file": attachment.datas,
                "aptic_file_name": attachment.name,
                "aptic_file_hash": hashlib.sha256(data).hexdigest(),
                "aptic_message": message,
            }
        )
        attachment.unlink()
        return self._get_records_action(name=self.env._("Payment order"))

    def generated2uploaded(self):
        """The bank has the file."""
        return super(AccountPaymentOrder, self._aptic_to_send()).generated2uploaded()

    def _aptic_to_send(self):
        """Lock these orders, and refuse when one has no file that the bank could get."""
        return self._aptic_only_from("generated", self.env._("%(order)s has no file that waits to be sent."))

    def action_cancel(self):
        """Cancel before the bank has the file; its references are used up."""
        ours = self.filtered(lambda order: order._aptic_is_ours())
        ours.lock_for_update()
        ours.invalidate_recordset(["state"])
        return super(AccountPaymentOrder, self.with_context(aptic_verb=VERB)).action_cancel()

    def cancel2draft(self):
        """Refuse for counter-payments: their statements may be in another order already."""
        for order in self:
            if order._aptic_is_ours():
                raise UserError(
                    self.env._(
                        "%s stays cancelled: its statements are owed again and may be in another order. Make a new one "
                        "from the settlement.",
                        order.name,
                    )
                )
        return super().cancel2draft()

    # --------------------------------------------------------------- download
    def action_aptic_download(self):
        """Button: the file, for the bank."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/aptic/payment-order/{self.id}/file", "target": "download"}

    def _aptic_download(self):
        """Hand the file out, and write down to whom.

        :return: ``(name, bytes)``
        :raise AccessError: without the accountant role
        :raise UserError: when there is none, when the order is cancelled, when the file is not the one that was made
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("aptic_base.group_aptic_accountant"):
            raise AccessError(self.env._("Only accountants of #APTIC download payment files."))
        order = self.sudo()
        order.lock_for_update()
        if order.state not in ("generated", "uploaded") or not order.aptic_file_hash:
            raise UserError(
                self.env._("%s has no file for the bank: it is not confirmed, or it was cancelled.", order.name)
            )
        data = order._aptic_bytes()
        number = order.aptic_downloads + 1
        order.with_context(aptic_verb=VERB).write({"aptic_downloads": number})
        order.message_post(
            body=self.env._(
                "%(user)s downloaded %(file)s, time no. %(number)s (SHA-256 %(hash)s).",
                user=self.env.user.name,
                file=order.aptic_file_name,
                number=number,
                hash=order.aptic_file_hash,
            ),
            author_id=self.env.user.partner_id.id,
        )
        return order.aptic_file_name, data

    def _aptic_bytes(self):
        """The file as it was made; refused when what is kept is another one."""
        data = base64.b64decode(self.sudo().with_context(bin_size=False).aptic_file or b"")
        if hashlib.sha256(data).hexdigest() != self.aptic_file_hash:
            raise UserError(
                self.env._("The file of %s is not the one that was made: do not send it, cancel the order.", self.name)
            )
        return data

    # ------------------------------------------------------------------- file
    def _prepare_field(self, field_name, field_value, eval_ctx, max_size=0, gen_args=None):
        """Counter-payments are written in the characters of SEPA, whatever the payment method says."""
        if not self._aptic_is_ours():
            return super()._prepare_field(field_name, field_value, eval_ctx, max_size=max_size, gen_args=gen_args)
        gen_args = {**(gen_args or {}), "convert_to_ascii": False}
        value = super()._prepare_field(field_name, field_value, eval_ctx, gen_args=gen_args)
        value = sepa.text(value, max_size)
        if field_name in REFERENCES:
            value = value.strip("/").replace("//", "/")
        return value

    def generate_party_block(self, parent_node, party_type, order, partner_bank, gen_args, bank_line=None):
        """Names have 70 characters at most (EPC132-08), in every version of the file."""
        if self._aptic_is_ours():
            gen_args = {**gen_args, "name_maxsize": min(gen_args.get("name_maxsize") or NAME_SIZE, NAME_SIZE)}
        return super().generate_party_block(parent_node, party_type, order, partner_bank, gen_args, bank_line=bank_line)

    def generate_address_block(self, parent_node, partner, gen_args):
        """A structured address, town and country, or none: banks take no address lines since November 2026."""
        if not self._aptic_is_ours():
            return super().generate_address_block(parent_node, partner, gen_args)
        country = partner.country_id.code
        town = (partner.city or "").strip()
        town = town and self._prepare_field("city", "town", {"town": town}, 35, gen_args=gen_args)
        if town and country:
            address = etree.SubElement(parent_node, "PstlAdr")
            etree.SubElement(address, "TwnNm").text = town
            etree.SubElement(address, "Ctry").text = country
        return True

    def _validate_xml(self, xml_string, gen_args):
        """Check against the schema of the format, then against what is owed; the file goes to no log."""
        if not self._aptic_is_ours():
            return super()._validate_xml(xml_string, gen_args)
        with file_open(gen_args["pain_xsd_file"], "rb") as schema:
            schema = etree.XMLSchema(etree.parse(schema))
        root = etree.fromstring(xml_string)
        if not schema.validate(root):
            raise UserError(
                self.env._(
                    "The file of %(order)s would not be valid (%(format)s): no file was made. %(error)s",
                    order=self.name,
                    format=gen_args["pain_flavor"],
                    error="; ".join(error.message for error in schema.error_log),
                )
            )
        _message, blocks = bank_answers.payments_of(xml_string)
        told = [item for block in blocks.values() for item in block.items()]
        owed = {line.aptic_end_to_end: round(line.amount_currency * 100) for line in self.payment_line_ids}
        if sorted(told) != sorted(owed.items()) or not all(map(sepa.is_reference, owed)):
            raise UserError(
                self.env._("The file of %s would not pay what is owed, each once: no file was made.", self.name)
            )
        self._aptic_check_accounts(root)
        return True

    def _aptic_check_accounts(self, root):
        """Refuse a file that pays a provider elsewhere than to the account that two persons accepted last.

        :param root: of the file, as ``lxml`` read it
        """
        accepted = {one: change._number() for one, change in self._aptic_providers()._accepted_changes().items()}
        told = {
            node.findtext(".//{*}EndToEndId"): node.findtext(".//{*}CdtrAcct//{*}IBAN")
            for node in root.iter("{*}CdtTrfTxInf")
        }
        other = self.env["aptic.provider"]
        for line in self.sudo().payment_line_ids:
            provider = line.aptic_statement_id.provider_id or line.aptic_grant_id.provider_id
            if told[line.aptic_end_to_end] != accepted.get(provider, told[line.aptic_end_to_end]):
                other |= provider
        if other:
            raise UserError(
                self.env._(
                    "The file of %(order)s would pay %(providers)s to another account than the one that was accepted:"
                    " no file was made. Ask for a change of their bank details, which another person accepts.",
                    order=self.name,
                    providers=", ".join(other.mapped("name")),
                )
            )

    # ---------------------------------------------------------------- answers
    def _aptic_sent(self):
        """``{PmtInfId: {EndToEndId: cents}}`` of the file as it was made."""
        _message, blocks = bank_answers.payments_of(self._aptic_bytes())
        return blocks

    def _aptic_knows(self, data):
        """Whether this answer of the bank is with the order already."""
        return bool(
            self.env["ir.attachment"]
            .sudo()
            .search_count(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("checksum", "=", self.env["ir.attachment"]._compute_checksum(data)),
                ],
                limit=1,
            )
        )

    def _aptic_note_answer(self, report, back, name, data):
        """Keep the bank's answer with the order, and what came of it."""
        words = {
            "ACCP": self.env._("accepted"),
            "ACSC": self.env._("carried out"),
            "ACSP": self.env._("accepted, being carried out"),
            "ACTC": self.env._("accepted, its form checked"),
            "ACWC": self.env._("accepted with a change"),
            "PART": self.env._("accepted in part"),
            "PDNG": self.env._("waiting"),
            "RCVD": self.env._("received"),
            "RJCT": self.env._("refused"),
            "CANC": self.env._("cancelled"),
        }
        status = report.says()
        self.message_post(
            body=self.env._(
                "The bank's answer %(message)s: %(status)s. Payments that come back: %(back)s.",
                message=report.message,
                status=words.get(status, status or self.env._("no status of the whole")),
                back=", ".join(back.mapped("aptic_end_to_end")) or self.env._("none"),
            ),
            attachments=[(name, data)],
        )
