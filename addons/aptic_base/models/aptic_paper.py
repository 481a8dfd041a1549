import base64

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .aptic_provider import REVIEWERS

MOST_LIVE = 20  # documents of one type that a provider may have at once
LIVE = ("received", "accepted")


class ApticPaper(models.Model):
    """A document of a provider's dossier: received, accepted or refused, replaced by a newer one, erased in the end.

    Its bytes are handed out by :meth:`_hand_out` alone, which writes down who opened them.
    """

    _name = "aptic.paper"
    _description = "Paper"
    _inherit = ["aptic.guarded.mixin", "aptic.ending.mixin", "mail.thread"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    type_id = fields.Many2one("aptic.paper.type", required=True, ondelete="restrict")
    owner_id = fields.Many2one(
        "aptic.beneficial.owner", string="Beneficial owner", index="btree_not_null", ondelete="restrict", copy=False
    )
    document = fields.Binary(attachment=True, copy=False, prefetch=False, groups=fields.NO_ACCESS)
    filename = fields.Char(copy=False)
    mimetype = fields.Char(string="Format", copy=False)
    size = fields.Integer(string="Size in bytes", copy=False)
    pages = fields.Integer(copy=False)
    issued_on = fields.Date(string="Date of issue")
    expires_on = fields.Date(string="Valid until")
    state = fields.Selection(
        [
            ("received", "Received"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("replaced", "Replaced"),
            ("erased", "Erased"),
        ],
        string="Status",
        required=True,
        default="received",
        tracking=True,
        copy=False,
    )
    reason = fields.Char(help="Told to the provider when the document is refused.", copy=False)
    waives = fields.Boolean(string="Makes others unnecessary", copy=False)
    waiver_label = fields.Char(related="type_id.waiver_label")
    received_by_id = fields.Many2one("res.users", string="Sent by", readonly=True, copy=False, ondelete="restrict")
    checked_by_id = fields.Many2one("res.users", string="Checked by", readonly=True, copy=False, ondelete="restrict")
    checked_on = fields.Datetime(readonly=True, copy=False)
    replaced_by_id = fields.Many2one(
        "aptic.paper",
        string="To be replaced by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    ended_on = fields.Datetime(string="Refused or replaced on", readonly=True, copy=False)
    erased_on = fields.Date(readonly=True, copy=False)
    opening_ids = fields.One2many(
        "aptic.paper.opening", "paper_id", string="Openings", groups="aptic_base.group_aptic_manager"
    )

    _guarded_fields = frozenset(
        {
            "state",
            "provider_id",
            "owner_id",
            "filename",
            "mimetype",
            "size",
            "pages",
            "received_by_id",
            "checked_by_id",
            "checked_on",
            "replaced_by_id",
            "ended_on",
            "erased_on",
        }
    )

    _refused_why = models.Constraint(
        "CHECK(state <> 'refused' OR btrim(COALESCE(reason, '')) <> '')",
        "Say why the document is refused: the provider reads it.",
    )
    _erased_when = models.Constraint(
        "CHECK((state = 'erased') = (erased_on IS NOT NULL))", "An erased document says when it was erased."
    )
    _ended_when = models.Constraint(
        "CHECK(state NOT IN ('refused', 'replaced') OR ended_on IS NOT NULL)",
        "A refused or replaced document says since when.",
    )
    _dates = models.Constraint("CHECK(expires_on >= issued_on)", "A document does not end before its date of issue.")
    _received_idx = models.Index("(create_date) WHERE state = 'received'")
    _expires_idx = models.Index("(expires_on) WHERE state = 'accepted'")
    _ended_idx = models.Index("(ended_on) WHERE state IN ('refused', 'replaced')")

    @api.depends("type_id", "provider_id")
    def _compute_display_name(self):
        for paper in self:
            paper.display_name = f"{paper.type_id.name} – {paper.provider_id.display_name}"

    @api.constrains("provider_id", "type_id", "owner_id")
    def _check_owner(self):
        for paper in self:
            if paper.owner_id and paper.owner_id.provider_id != paper.provider_id:
                raise ValidationError(self.env._("This beneficial owner is of another provider."))
            if paper.type_id.per_owner and not paper.owner_id and paper.state != "erased":
                raise ValidationError(self.env._("Say whose identity document this is."))

    # ------------------------------------------------------------------- days
    def _is_in_force(self):
        """Whether the document was accepted and has not expired."""
        self.ensure_one()
        return self.state == "accepted" and not self._is_expired()

    def _is_expired(self):
        self.ensure_one()
        return bool(self.expires_on and self.expires_on < fields.Date.context_today(self))

    def _is_too_old(self):
        """Whether the document is older today than its type allows."""
        self.ensure_one()
        return self._day_too_old(self.type_id, self.issued_on)

    def _day_too_old(self, kind, issued_on):
        months = kind.max_age_months
        return bool(
            months and (not issued_on or issued_on < fields.Date.context_today(self) - relativedelta(months=months))
        )

    # ---------------------------------------------------------------- receive
    @api.model
    def _problems(self, provider, kind, owner=None, issued_on=None, expires_on=None):
        """What keeps a document from being received, by field of the form; empty when nothing does.

        :param provider: ``aptic.provider`` whose dossier it is
        :param kind: ``aptic.paper.type``
        :param owner: ``aptic.beneficial.owner`` whose identity document it is
        :param date issued_on: asked for where the type has a limit of age
        :param date expires_on: asked for where the type ends on a day
        """
        today = fields.Date.context_today(self)
        problems = {}
        if not kind or kind.legal_form != provider.legal_form:
            problems["form"] = self.env._("This document is not asked of your organisation.")
        elif provider.state == "struck_off":
            problems["form"] = self.env._("Your organisation has left #APTIC: no more documents are received.")
        elif kind.per_owner and not (owner and owner.provider_id == provider and not owner.ended_on):
            problems["form"] = self.env._("Say whose identity document this is.")
        elif (
            len(provider.sudo().paper_ids.filtered(lambda one: one.type_id == kind and one.state in LIVE)) >= MOST_LIVE
        ):
            problems["form"] = self.env._("You have sent many documents here: wait until they are checked.")
        if kind.max_age_months and not issued_on:
            problems["issued_on"] = self.env._("Give the date of issue, as it is written on the document.")
        elif issued_on and issued_on > today:
            problems["issued_on"] = self.env._("The date of issue is in the future.")
        elif self._day_too_old(kind, issued_on):
            problems["issued_on"] = self.env._(
                "This document must be less than %s months old: ask for a newer one.", kind.max_age_months
            )
        if kind.has_expiry and not expires_on:
            problems["expires_on"] = self.env._("Give the last day of validity, as it is written on the document.")
        elif expires_on and expires_on < today:
            problems["expires_on"] = self.env._("This document has expired: send one that is valid.")
        elif expires_on and expires_on.year > today.year + 50:
            problems["expires_on"] = self.env._("This year is too far away: look at the date again.")
        return problems

    @api.model
    def _receive(self, provider, kind, files, owner=None, issued_on=None, expires_on=None, replace=True):
        """Take documents into a dossier; a reviewer checks them.

        :param provider: ``aptic.provider``; the caller has checked that the user may act for it
        :param files: list of :class:`~..uploads.Upload`
        :param bool replace: whether they take the place of those of the same type (and person). One that was not
            checked yet is replaced at once, an accepted one when the new one is accepted.
        :return: the new papers, sudo
        :raise ValidationError: says what is wrong; nothing is kept then
        """
        owner = (owner or self.env["aptic.beneficial.owner"]).sudo()
        if problems := self._problems(provider, kind, owner, issued_on, expires_on):
            raise ValidationError("\n".join(problems.values()))
        if not files:
            raise ValidationError(self.env._("Choose the file to send."))
        provider.sudo().lock_for_update()
        earlier = self.sudo().search(
            [
                ("provider_id", "=", provider.id),
                ("type_id", "=", kind.id),
                ("owner_id", "=", owner.id),
                ("state", "in", LIVE),
            ]
        )
        if kind.mandate:  # each manager who acts for the legal representative has one
            earlier = earlier.filtered(lambda paper: paper.received_by_id == self.env.user)
        papers = self.sudo()._guarded_create(
            [
                {
                    "provider_id": provider.id,
                    "type_id": kind.id,
                    "owner_id": owner.id,
                    "document": base64.b64encode(file.data),
                    "filename": file.name,
                    "mimetype": file.mimetype,
                    "size": len(file.data),
                    "pages": file.pages,
                    "issued_on": issued_on,
                    "expires_on": expires_on,
                    "received_by_id": self.env.uid,
                }
                for file in files
            ]
        )
        if replace and earlier:
            earlier._guarded_write({"replaced_by_id": papers[0].id})
            earlier.filtered(lambda paper: paper.state == "received")._replaced()
        provider.sudo().message_post(
            body=self.env._("%(count)s document(s) received: %(type)s.", count=len(papers), type=kind.name)
        )
        return papers

    def _replaced(self):
        self._guarded_write({"ended_on": fields.Datetime.now()})
        self._set_state(LIVE, "replaced")

    # ----------------------------------------------------------------- verbs
    def _accept(self):
        """Accept documents: those that they take the place of are replaced, and a complete dossier goes on by itself.

        :raise UserError: when a document is older than its type allows, or has expired
        """
        for paper in self:
            if paper._is_too_old():
                raise UserError(
                    self.env._(
                        "“%(type)s” must be less than %(months)s months old: give its date, or ask for a newer one.",
                        type=paper.type_id.name,
                        months=paper.type_id.max_age_months,
                    )
                )
            if paper.type_id.has_expiry and not paper.expires_on:
                raise UserError(
                    self.env._("“%s” ends on a day: write it down before you accept it.", paper.type_id.name)
                )
            if paper._is_expired():
                raise UserError(self.env._("“%s” has expired: refuse it, and say so.", paper.type_id.name))
        accepted = self._set_state(("received", "refused"), "accepted")
        accepted._guarded_write(self._prepare_check_vals() | {"ended_on": False, "reason": False})
        self.sudo().search([("replaced_by_id", "in", accepted.ids), ("state", "in", LIVE)])._replaced()
        accepted.sudo().provider_id._after_papers_accepted()
        return accepted

    def _refuse(self):
        """Refuse documents; the managers of the provider are told why.

        :raise UserError: when a reason is missing
        """
        for paper in self:
            if not (paper.reason or "").strip():
                raise UserError(
                    self.env._("Say why “%s” is refused, in a sentence that the provider reads.", paper.type_id.name)
                )
        refused = self.filtered(lambda paper: paper.state != "refused")
        if refused:
            refused.lock_for_update()
            refused._guarded_write({"ended_on": fields.Datetime.now()})
            refused._set_state(LIVE, "refused")
            refused._guarded_write(self._prepare_check_vals())
        for provider, papers in refused.sudo().grouped("provider_id").items():
            provider._tell_papers_refused(papers)
        return refused

    def _prepare_check_vals(self):
        return {"checked_by_id": self.env.uid, "checked_on": fields.Datetime.now()}

    # --------------------------------------------------------------- hand out
    def _hand_out(self, ip):
        """Give the bytes to the current user, after writing down who opened them.

        :param str ip: address that the request came from
        :return: tuple of bytes, file name and type
        :raise AccessError: unless the user is a reviewer or manager of #APTIC, or a manager of the provider
        :raise UserError: when the document was erased
        """
        self.ensure_one()
        paper = self.sudo()
        if not any(self.env.user.has_group(group) for group in REVIEWERS) and not self.env["aptic.member"]._find(
            paper.provider_id, ("manager",)
        ):
            raise AccessError(self.env._("This document is not open to you."))
        if paper.state == "erased" or not paper.document:
            raise UserError(self.env._("This document was erased."))
        self.env["aptic.paper.opening"]._write_down(paper, ip)
        return base64.b64decode(paper.with_context(bin_size=False).document), paper.filename, paper.mimetype

    # ---------------------------------------------------------------- buttons
    def action_accept(self):
        """Accept, from the form or the list."""
        self._check_any_group(REVIEWERS)
        self._accept()

    def action_refuse(self):
        """Refuse, from the form."""
        self._check_any_group(REVIEWERS)
        self._refuse()

    def action_open(self):
        """Open the document in a new window; the opening is written down there."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/aptic/papers/{self.id}/document", "target": "new"}
