from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError
from odoo.tools import format_date

STAFF = ("aptic_base.group_aptic_user",)
GRANTED = ("approved", "sent", "closed")
WAITING = ("declared", "approved")
LONGEST = 500
BETWEEN_REMINDERS = timedelta(days=14)


class ApticReplacement(models.Model):
    """A scanner that no longer serves, and its replacement: at most one a year for each provider.

    The year counts from the day on which the last replacement that was granted had been declared: how long we take to
    answer and to send never costs the provider anything. A refused or withdrawn declaration does not count.
    """

    _name = "aptic.replacement"
    _description = "Replacement of a scanner"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    scanner_id = fields.Many2one(
        "aptic.scanner", string="Old scanner", required=True, index=True, ondelete="restrict", readonly=True
    )
    cause = fields.Selection(
        [("broken", "It no longer works"), ("lost", "Lost or stolen")],
        string="What happened",
        required=True,
        readonly=True,
    )
    description = fields.Text(string="What is wrong", required=True, readonly=True)
    state = fields.Selection(
        [
            ("declared", "Declared"),
            ("approved", "Approved"),
            ("sent", "New scanner sent, old one awaited"),
            ("closed", "Closed"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status",
        required=True,
        default="declared",
        tracking=True,
        readonly=True,
        copy=False,
    )
    declared_on = fields.Date(required=True, readonly=True)
    declared_by_id = fields.Many2one("res.users", string="Declared by", readonly=True, ondelete="restrict")
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict")
    answer = fields.Text(string="Answer to the provider", help="Told to the provider; needed to refuse.")
    kit_ids = fields.One2many("aptic.kit", "replacement_id", string="Parcels")
    return_due_on = fields.Date(string="Old one expected by", readonly=True)
    reminded_on = fields.Date(string="Last reminder", readonly=True)
    returned_on = fields.Date(string="Old one returned on", readonly=True)

    _guarded_fields = frozenset(
        {
            "provider_id",
            "scanner_id",
            "cause",
            "description",
            "state",
            "declared_on",
            "declared_by_id",
            "decided_by_id",
            "return_due_on",
            "reminded_on",
            "returned_on",
        }
    )

    _one_waiting = models.UniqueIndex(
        "(provider_id) WHERE state IN ('declared', 'approved')", "A replacement is under way already."
    )
    _overdue_idx = models.Index("(return_due_on) WHERE state = 'sent'")

    @api.depends("provider_id", "declared_on")
    def _compute_display_name(self):
        for replacement in self:
            replacement.display_name = self.env._(
                "Scanner of %(name)s, %(day)s",
                name=replacement.provider_id.name,
                day=fields.Date.to_string(replacement.declared_on),
            )

    # ---------------------------------------------------------------- declare
    @api.model
    def _allowed_from(self, provider):
        """The first day on which a provider may declare its next replacement, or False when nothing holds it back."""
        last = self.search(
            [("provider_id", "=", provider.id), ("state", "in", GRANTED)], order="declared_on desc, id desc", limit=1
        )
        return last.declared_on + relativedelta(years=1) if last else False

    @api.model
    def _declare(self, provider, scanner, cause, description):
        """A provider says that its scanner no longer serves.

        :param provider: ``aptic.provider`` record
        :param scanner: the ``aptic.scanner`` it holds; empty when none was chosen
        :param str cause: ``broken`` or ``lost``
        :param str description: what is wrong, in its words
        :return: the new replacement
        :raise UserError: says what is missing, or from when the next one may be declared
        """
        provider.ensure_one()
        provider.lock_for_update()
        description = one_line(description, LONGEST)
        if provider.state != "active":
            raise UserError(self.env._("A scanner is replaced for active members only."))
        if not scanner or scanner.provider_id != provider:
            raise UserError(self.env._("Choose the scanner that no longer serves."))
        if cause not in dict(self._fields["cause"].selection):
            raise UserError(self.env._("Say what happened: it no longer works, or it was lost or stolen."))
        if not description:
            raise UserError(self.env._("Describe what is wrong: it helps us to mend the scanner, or to do without."))
        if self.search_count([("provider_id", "=", provider.id), ("state", "in", WAITING)], limit=1):
            raise UserError(self.env._("A replacement is under way already."))
        if self.search_count([("scanner_id", "=", scanner.id), ("state", "=", "sent")], limit=1):
            raise UserError(self.env._("This scanner has been replaced: send it back to Médias-Cité."))
        today = self.env["aptic.kit"]._today()
        allowed_from = self._allowed_from(provider)
        if allowed_from and today < allowed_from:
            raise UserError(
                self.env._(
                    "A scanner is replaced at most once a year: the next one may be declared from %(day)s. Before that,"
                    " write to the #APTIC team: vouchers can be scanned with a phone's camera meanwhile.",
                    day=format_date(self.env, allowed_from),
                )
            )
        return self._guarded_create(
            [
                {
                    "provider_id": provider.id,
                    "scanner_id": scanner.id,
                    "cause": cause,
                    "description": description,
                    "declared_on": today,
                    "declared_by_id": self.env.uid,
                }
            ]
        )

    def _withdraw(self):
        """The scanner works again: nothing is sent."""
        self._set_state(("declared",), "withdrawn")

    # ----------------------------------------------------------------- decide
    def _approve(self):
        """Grant the replacement: a parcel is to be prepared, a lost scanner is noted as lost."""
        for replacement in self._set_state(("declared",), "approved"):
            replacement._guarded_write({"decided_by_id": self.env.uid})
            if replacement.cause == "lost":
                replacement.scanner_id.sudo()._leave("lost")
            last = replacement.scanner_id.kit_ids[:1]
            place = last.place_id if last.place_id.active else replacement.provider_id.place_ids.sorted("id")[:1]
            self.env["aptic.kit"].sudo()._guarded_create(
                [
                    {
                        "provider_id": replacement.provider_id.id,
                        "kind": "replacement",
                        "replacement_id": replacement.id,
                        "place_id": place.id,
                        "contact_name": last.contact_name,
                    }
                ]
            )
            provider = replacement.provider_id._in_their_language()
            provider._tell_managers(
                provider.env._("Your scanner will be replaced"),
                provider.env._("Another scanner is being prepared. You can say where to send it on the page “Kit”."),
            )

    def _refuse(self):
        """Do not replace; the answer says why, and what to try."""
        for replacement in self:
            answer = (replacement.answer or "").strip()
            if not answer:
                raise UserError(self.env._("Write the answer first: the provider reads why, and what to try."))
            for refused in replacement._set_state(("declared",), "refused"):
                refused._guarded_write({"decided_by_id": self.env.uid})
                provider = refused.provider_id._in_their_language()
                provider._tell_managers(provider.env._("Your scanner is not replaced"), answer)

    # ----------------------------------------------------------------- return
    def _scanner_sent(self):
        """The new scanner has left: the old one is awaited, unless it is lost."""
        for replacement in self:
            if replacement.cause == "lost":
                replacement._set_state(("approved",), "closed")
                continue
            replacement._set_state(("approved",), "sent")
            days = self.env.company.aptic_scanner_return_days
            replacement._guarded_write({"return_due_on": self.env["aptic.kit"]._today() + timedelta(days=days)})

    def _scanner_not_there(self):
        """The parcel was lost on its way: another one is to be sent, the old scanner is not awaited yet."""
        self._set_state(("sent", "closed"), "approved")
        self._guarded_write({"return_due_on": False, "reminded_on": False})

    def _take_back(self, state):
        """The old scanner is here again.

        :param str state: ``stock`` when it can be used again, ``scrapped`` otherwise
        """
        for replacement in self._set_state(("sent",), "closed"):
            replacement.scanner_id.sudo()._leave(state)
            replacement._guarded_write({"returned_on": self.env["aptic.kit"]._today()})

    def _write_off(self):
        """The old scanner will not come back."""
        for replacement in self._set_state(("sent",), "closed"):
            replacement.scanner_id.sudo()._leave("lost")

    @api.model
    def _cron_remind_returns(self):
        """Ask for the old scanners that are late, every fortnight until they are here or written off."""
        today = self.env["aptic.kit"]._today()
        late = self.search(
            [
                ("state", "=", "sent"),
                ("return_due_on", "<", today),
                "|",
                ("reminded_on", "=", False),
                ("reminded_on", "<=", today - BETWEEN_REMINDERS),
            ]
        )
        for replacement in late:
            provider = replacement.provider_id._in_their_language()
            provider._tell_managers(
                provider.env._("Your old scanner is awaited"),
                provider.env._(
                    "The scanner %(serial)s has been replaced and has not come back yet. Please send it to Médias-Cité;"
                    " if it is lost, tell us.",
                    serial=replacement.scanner_id.serial,
                ),
            )
        late._guarded_write({"reminded_on": today})
        return late

    # ---------------------------------------------------------------- actions
    def action_approve(self):
        """Approve, from the form."""
        self._check_any_group(STAFF)
        self._approve()

    def action_refuse(self):
        """Refuse with the answer that stands on the form."""
        self._check_any_group(STAFF)
        self._refuse()

    def action_back_to_stock(self):
        """The old one is back and works."""
        self._check_any_group(STAFF)
        self._take_back("stock")

    def action_scrap(self):
        """The old one is back and out of use."""
        self._check_any_group(STAFF)
        self._take_back("scrapped")

    def action_write_off(self):
        """The old one will not come back."""
        self._check_any_group(STAFF)
        self._write_off()
