import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from .aptic_provider import REVIEWERS


class ApticHosting(models.Model):
    """Why a provider without a place of its own may work at another organisation's: a convention, or a start.

    A convention is a document that staff accept or refuse. Who comes *en amorçage* starts an offer at an organisation
    that does not give it yet: its name and the last day are declared, and that is enough.
    """

    _name = "aptic.hosting"
    _description = "Stay at a host's place"
    _inherit = ["aptic.guarded.mixin", "aptic.ending.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    place_id = fields.Many2one("aptic.place", required=True, index=True, ondelete="cascade", readonly=True)
    provider_id = fields.Many2one(related="place_id.provider_id", store=True, index=True)
    kind = fields.Selection(
        [("convention", "Convention"), ("priming", "Start of an offer (en amorçage)")], required=True, readonly=True
    )
    host_name = fields.Char(string="Host organisation", required=True, readonly=True)
    starts_on = fields.Date(string="From", required=True, readonly=True)
    ends_on = fields.Date(string="Until", readonly=True, help="Last day, inclusive; empty: without a term.")
    document = fields.Binary(attachment=True, copy=False, prefetch=False, groups=fields.NO_ACCESS)
    filename = fields.Char(string="File", readonly=True, copy=False)
    mimetype = fields.Char(string="Format", readonly=True, copy=False)
    opening_ids = fields.One2many(
        "aptic.paper.opening", "hosting_id", string="Openings", groups="aptic_base.group_aptic_manager"
    )
    state = fields.Selection(
        [("received", "To check"), ("accepted", "In order"), ("refused", "Refused")],
        string="Status",
        required=True,
        default="received",
        index=True,
        tracking=True,
        readonly=True,
        copy=False,
    )
    reason = fields.Text(help="Told to the provider when the convention is refused.", copy=False)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict", copy=False)
    decided_at = fields.Datetime(string="Decided on", readonly=True, copy=False)
    erased_on = fields.Date(string="File erased on", readonly=True, copy=False)

    _guarded_fields = frozenset(
        {
            "place_id",
            "kind",
            "host_name",
            "starts_on",
            "ends_on",
            "document",
            "filename",
            "mimetype",
            "state",
            "decided_by_id",
            "decided_at",
            "erased_on",
        }
    )

    _dates_in_order = models.Constraint(
        "CHECK(ends_on IS NULL OR starts_on <= ends_on)", "The last day cannot come before the first one."
    )
    _start_ends = models.Constraint(
        "CHECK(kind = 'convention' OR ends_on IS NOT NULL)", "Say until when you come to start the offer."
    )
    _convention_is_written = models.Constraint(
        "CHECK(kind = 'priming' OR filename IS NOT NULL OR erased_on IS NOT NULL)",
        "A convention is a document: choose its file.",
    )
    _refused_with_reason = models.Constraint(
        "CHECK(state <> 'refused' OR reason IS NOT NULL)", "Say why it is refused: the provider is told."
    )
    _one_to_check = models.UniqueIndex(
        "(place_id) WHERE state = 'received'", "A convention waits for its check already."
    )
    _in_order = models.Index("(place_id, starts_on, ends_on) WHERE state = 'accepted'")

    @api.depends("kind", "host_name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for hosting in self:
            hosting.display_name = f"{kinds.get(hosting.kind, '')} – {hosting.host_name or ''}"

    # ------------------------------------------------------------------ verbs
    @api.model
    def _send_convention(self, place, upload, host_name, starts_on, ends_on=None):
        """Hand a convention in for a place; one that still waits for its check is replaced.

        :param upload: the :class:`~..uploads.Upload` that ``aptic.upload`` has checked
        :param starts_on: date
        :param ends_on: date, None when it has no term
        :return: the new record
        """
        waiting = place.hosting_ids.filtered(lambda hosting: hosting.state == "received")
        if waiting:
            waiting._guarded_write(
                {"state": "refused", "reason": self.env._("Replaced by the provider before it was checked.")}
            )
        return self._stay(
            place,
            {
                "kind": "convention",
                "host_name": host_name,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "document": base64.b64encode(upload.data),
                "filename": upload.name,
                "mimetype": upload.mimetype,
            },
        )

    @api.model
    def _declare_start(self, place, host_name, starts_on, ends_on):
        """Declare that the provider comes *en amorçage* to a host until a day.

        :param starts_on: date
        :param ends_on: date
        :return: the new record, in order from its first day
        """
        return self._stay(
            place,
            {
                "kind": "priming",
                "host_name": host_name,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "state": "accepted",
            },
        )

    def _stay(self, place, vals):
        place.presence = vals["kind"]
        self.flush_model(["state"])  # a database index keeps one that waits a place
        return self._guarded_create([{**vals, "place_id": place.id}])

    def _accept(self):
        """Find conventions in order: vouchers are accepted at their places while they run."""
        for hosting in self._set_state(("received", "refused"), "accepted"):
            hosting._decided()
            provider = hosting.provider_id._in_their_language()
            provider._tell_managers(
                self._told(provider, "subject_accepted", hosting), self._told(provider, "accepted", hosting)
            )

    def _refuse(self):
        """Refuse conventions, or starts that were declared wrongly; the reason is told to the provider.

        :raise UserError: when no reason is given
        """
        for hosting in self:
            if not (hosting.reason or "").strip():
                raise UserError(self.env._("Say why it is refused: the provider is told."))
        for hosting in self._set_state(("received", "accepted"), "refused"):
            hosting._decided()
            provider = hosting.provider_id._in_their_language()
            provider._tell_managers(
                self._told(provider, "subject_refused", hosting), self._told(provider, "refused", hosting)
            )

    def _decided(self):
        self._guarded_write({"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()})

    def _told(self, provider, what, hosting):
        """What the provider reads, in its language."""
        env, names = provider.env, {"host": hosting.host_name, "place": hosting.place_id.name}
        if what == "subject_accepted":
            return env._("Your convention for %(place)s is in order", **names)
        if what == "accepted":
            return env._(
                "Your convention with %(host)s was accepted: vouchers are taken at %(place)s while it runs.", **names
            )
        if what == "subject_refused":
            return env._("Your stay at %(place)s is not accepted", **names)
        return env._(
            "Your stay with %(host)s at %(place)s was not accepted: %(reason)s Hand a new convention in on the page of"
            " this place.",
            reason=hosting.reason,
            **names,
        )

    def _hand_out(self, ip):
        """Give the convention to the current user, after writing down who opened it, as the dossier's papers do.

        :param str ip: address that the request came from
        :return: tuple of bytes, file name and type
        :raise AccessError: unless the user is a reviewer or manager of #APTIC
        :raise UserError: when there is no document
        """
        self.ensure_one()
        self._check_any_group(REVIEWERS)
        stay = self.sudo()
        if not stay.document:
            raise UserError(self.env._("There is no document here."))
        self.env["aptic.paper.opening"]._write_down(stay, ip)
        return base64.b64decode(stay.with_context(bin_size=False).document), stay.filename, stay.mimetype

    def _covers(self, day):
        """Whether one of these stays is in order and runs on ``day`` (a date; both bounds inclusive)."""
        return any(
            stay.state == "accepted" and stay.starts_on <= day and (not stay.ends_on or day <= stay.ends_on)
            for stay in self
        )

    # ---------------------------------------------------------------- buttons
    def action_open(self):
        """Open the convention in a new window; the opening is written down there."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/aptic/conventions/{self.id}/document", "target": "new"}

    def action_accept(self):
        """Accept, from the form."""
        self._check_any_group(REVIEWERS)
        self._accept()

    def action_refuse(self):
        """Refuse, from the form."""
        self._check_any_group(REVIEWERS)
        self._refuse()
