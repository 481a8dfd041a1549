from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import unique

from .. import dossier


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    paper_ids = fields.One2many(
        "aptic.paper",
        "provider_id",
        string="Supporting documents",
        groups="aptic_base.group_aptic_reviewer,aptic_base.group_aptic_manager",
    )
    owner_ids = fields.One2many(
        "aptic.beneficial.owner",
        "provider_id",
        string="Beneficial owners",
        groups="aptic_base.group_aptic_reviewer,aptic_base.group_aptic_manager",
    )
    missing_paper_type_ids = fields.Many2many(
        "aptic.paper.type", string="Missing documents", compute="_compute_missing_paper_type_ids", compute_sudo=True
    )
    papers_to_check = fields.Integer(
        compute="_compute_papers_to_check",
        search="_search_papers_to_check",
        compute_sudo=True,
        help="Documents that were received and wait for a reviewer.",
    )
    relation_ended_on = fields.Date(
        string="Left #APTIC on", readonly=True, copy=False, help="Papers are erased some years after it."
    )

    _guarded_fields = frozenset({"relation_ended_on"})

    # ------------------------------------------------------------------ needs
    def _paper_needs(self):
        """What the dossiers of these providers are made of, for all of them at once.

        :return: dict of provider id → list of :class:`~..dossier.Need`
        """
        providers = self.sudo()
        types = self.env["aptic.paper.type"].sudo().search([])  # pylint: disable=no-search-all
        types.fetch(["legal_form", "required", "per_owner", "waived_type_ids"])
        kinds = {}
        for kind in types:
            kinds.setdefault(kind.legal_form, []).append(
                dossier.Kind(kind.id, kind.required, kind.per_owner, frozenset(kind.waived_type_ids.ids))
            )
        papers, owners = {}, {}
        fetched = providers.env["aptic.paper"].search_fetch(
            [("provider_id", "in", providers.ids), ("state", "in", ("received", "accepted", "refused"))],
            ["provider_id", "type_id", "owner_id", "state", "expires_on", "waives"],
        )
        for paper in fetched:
            papers.setdefault(paper.provider_id.id, []).append(
                dossier.Paper(
                    paper.id,
                    paper.type_id.id,
                    paper.state,
                    paper.owner_id.id or 0,
                    paper.expires_on or None,
                    paper.waives,
                )
            )
        declared = providers.env["aptic.beneficial.owner"].search_fetch(
            [("provider_id", "in", providers.ids), ("ended_on", "=", False), ("erased_on", "=", False)],
            ["provider_id"],
        )
        for owner in declared:
            owners.setdefault(owner.provider_id.id, []).append(owner.id)
        today = fields.Date.context_today(self)
        return {
            provider.id: dossier.needs(
                kinds.get(provider.legal_form, []), papers.get(provider.id, []), owners.get(provider.id, []), today
            )
            for provider in providers
        }

    @api.depends(
        "legal_form",
        "paper_ids.state",
        "paper_ids.type_id",
        "paper_ids.expires_on",
        "paper_ids.waives",
        "owner_ids.ended_on",
    )
    def _compute_missing_paper_type_ids(self):
        needs = self._origin._paper_needs()
        for provider in self:
            lacking = [need for need in needs.get(provider._origin.id, []) if need.required and not need.is_fulfilled]
            provider.missing_paper_type_ids = self.env["aptic.paper.type"].browse(unique(need.kind for need in lacking))

    @api.depends("paper_ids.state")
    def _compute_papers_to_check(self):
        counts = dict(
            self.env["aptic.paper"]._read_group(
                [("provider_id", "in", self.ids), ("state", "=", "received")], ["provider_id"], ["__count"]
            )
        )
        for provider in self:
            provider.papers_to_check = counts.get(provider._origin, 0)

    def _search_papers_to_check(self, operator, value):
        waiting = (
            self.env["aptic.paper"]
            .sudo()
            ._read_group([("state", "=", "received")], ["provider_id"], having=[("__count", operator, value)])
        )
        if not waiting and operator in ("=", "<", "<="):
            return NotImplemented
        return [("id", "in", [provider.id for (provider,) in waiting])]

    @api.depends("paper_ids.state", "owner_ids.ended_on")
    def _compute_blockers(self):  # pylint: disable=missing-return
        super()._compute_blockers()

    # ------------------------------------------------------------- activation
    def _activation_blockers(self):
        """Add a sentence for each required paper that is not accepted."""
        return super()._activation_blockers() + self._paper_sentences(self._paper_needs()[self.id])

    def _paper_sentences(self, needs):
        """What a provider is told about the required needs that are not fulfilled.

        :param needs: list of :class:`~..dossier.Need`
        """
        self.ensure_one()
        sentences = []
        types = self.env["aptic.paper.type"]
        for need in needs:
            if not need.required or need.is_fulfilled:
                continue
            name = types.browse(need.kind).name
            if need.owner:
                name = f"{name} ({self.env['aptic.beneficial.owner'].sudo().browse(need.owner).name})"
            if need.state == "undeclared":
                text = self.env._("Declare the beneficial owners of your company (page “My papers”).")
            elif need.state == "received":
                text = self.env._("“%s” was received and is being checked: there is nothing to do for you.", name)
            elif need.state == "refused":
                paper = self.env["aptic.paper"].sudo().browse(need.papers[:1])
                text = self.env._(
                    "“%(type)s” was refused: %(reason)s Send another one (page “My papers”).",
                    type=name,
                    reason=_sentence(paper.reason),
                )
            elif need.state == "expired":
                text = self.env._("“%s” has expired: send one that is valid (page “My papers”).", name)
            else:
                text = self.env._("Missing document: “%s” (page “My papers”).", name)
            sentences.append(text)
        return sentences

    def _activate_if_complete(self):
        """Make a provider whose charter is signed active when nothing blocks it any more.

        :return: True when it became active now
        """
        self.ensure_one()
        if self.state != "chartered" or self._activation_blockers():
            return False
        self._activate()
        return True

    def _after_papers_accepted(self):
        """Go on with the providers whose dossier is complete now: activation, end of a suspension, a word to them."""
        needs = self._paper_needs()
        for provider in self:
            if any(need.required and not need.is_fulfilled for need in needs[provider.id]):
                continue
            provider._activate_if_complete()
            provider._lift("papers", self.env._("The dossier is complete again."))
            theirs = provider._in_their_language()
            provider._tell_managers(
                theirs.env._("Your #APTIC dossier is complete"),
                theirs.env._("All the documents that are asked of your organisation have been accepted."),
            )

    def _tell_papers_refused(self, papers):
        """Write to the managers which documents were refused, and why; the documents themselves are never mailed."""
        theirs = self._in_their_language()
        lines = [f"{paper.type_id.name}: {paper.reason}" for paper in papers.with_env(theirs.env)]
        self._tell_managers(
            theirs.env._("A document of your #APTIC dossier was refused"),
            as_list(
                theirs.env._("These documents cannot be accepted. Send others on the page “My papers” of #APTIC."),
                lines,
            ),
        )

    # -------------------------------------------------------------- relation
    def _set_state(self, allowed, target):
        """Write down on which day a provider leaves #APTIC: what is kept of it is counted from there."""
        moved = super()._set_state(allowed, target)
        if moved and target == "struck_off":
            moved._guarded_write({"relation_ended_on": fields.Date.context_today(self)})
        return moved

    def _format_day(self, day):
        """A day as the people of this provider write it."""
        return format_date(self.env, day, lang_code=self.lang or self.env.lang)


def as_list(first, lines):
    """A message of a sentence and a list, as ``Markup``."""
    items = Markup().join(Markup("<li>%s</li>") % line for line in lines)
    return Markup("<p>%s</p><ul>%s</ul>") % (first, items)


def _sentence(text):
    text = (text or "").strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
