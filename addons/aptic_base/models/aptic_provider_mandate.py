from odoo import api, models

from .. import mandate_pdf


class ApticProvider(models.Model):
    """The mandate of a manager who acts for the legal representative: a paper of the dossier, checked by staff."""

    _inherit = "aptic.provider"

    def _mandate_type(self):
        """The type of paper that is this provider's mandate."""
        self.ensure_one()
        domain = [("mandate", "=", True), ("legal_form", "=", self.legal_form)]
        return self.env["aptic.paper.type"].sudo().search(domain, limit=1)

    def _mandates(self, users):
        """Papers by which these users act for the legal representative: accepted ones first, then the newest."""
        papers = self.env["aptic.paper"].sudo()
        found = papers.search(
            [
                ("provider_id", "in", self.ids),
                ("type_id.mandate", "=", True),
                ("create_uid", "in", users.ids),
                ("state", "in", ("received", "accepted", "refused")),
            ]
        )
        return found.sorted(lambda paper: (not paper._is_in_force(), -paper.id))

    def _mandate_of(self, user):
        """The paper by which a user acts for the legal representative, or the latest that was sent; may be empty."""
        self.ensure_one()
        return self._mandates(user)[:1]

    def _signing_blocker(self, user):
        """Why a manager may not sign for this provider: only its legal representative does, or who has a mandate.

        :return: a sentence that says what to do, or None
        """
        self.ensure_one()
        member = self.env["aptic.member"]._find(self, ("manager",), user)
        if member.acts_as == "unsaid":
            return self.env._(
                "Say first whether you are the legal representative, or act for that person (page “My organisation”)."
            )
        if member.acts_as == "agent" and not any(paper._is_in_force() for paper in self._mandate_of(user)):
            return self.env._(
                "You act for the legal representative: you may sign once the mandate has been received and accepted "
                "(page “My organisation”)."
            )
        return None

    def _mandate_form(self, user):
        """The form to have signed, filled in with what is known: bytes of a PDF, in French as it is kept."""
        self.ensure_one()
        provider = self.with_context(lang="fr_FR").sudo()
        town = " ".join(filter(None, (provider.zip, provider.city)))
        return mandate_pdf.draw(
            mandate_pdf.Mandate(
                organisation=provider.name or "",
                siret=provider.siret or "",
                legal_form=dict(provider._fields["legal_form"]._description_selection(provider.env))[
                    provider.legal_form
                ],
                address=", ".join(filter(None, (provider.street, town))),
                representative=provider.representative_name or "",
                capacity=provider.representative_capacity or "",
                agent=user.name or "",
                agent_email=user.email or user.login,
            )
        )

    # ----------------------------------------------------------------- papers
    def _paper_needs(self):
        """A mandate has its place where a manager acts for the legal representative.

        It is required where nobody else may sign.
        """
        needs = super()._paper_needs()
        types = set(self.env["aptic.paper.type"].sudo().search([("mandate", "=", True)]).ids)
        managers = self.env["aptic.member"].sudo()
        managers = managers.search_fetch(
            [("provider_id", "in", self.ids), ("role", "=", "manager")], ["provider_id", "acts_as"]
        )
        asked, signed_for = (
            set(managers.filtered(lambda member, kind=kind: member.acts_as == kind).provider_id.ids)
            for kind in ("agent", "representative")
        )
        for number, dossier in needs.items():
            kept = [need for need in dossier if need.kind not in types or number in asked or need.papers]
            for need in kept:
                need.required = need.required or (need.kind in types and number in asked - signed_for)
            needs[number] = kept
        return needs

    @api.depends("member_ids.acts_as", "member_ids.role", "member_ids.active")
    def _compute_missing_paper_type_ids(self):  # pylint: disable=missing-return
        super()._compute_missing_paper_type_ids()

    def _change_account(self, typed):
        """Another legal representative gives new mandates: the former ones are refused, and their owners told."""
        changed = super()._change_account(typed)
        if "representative_name" in changed:
            mandates = self._mandates(self.sudo().member_ids.user_id).filtered(lambda paper: paper.state != "refused")
            if mandates:
                mandates.reason = self._in_their_language().env._("The legal representative has changed.")
                mandates._refuse()
        return changed
