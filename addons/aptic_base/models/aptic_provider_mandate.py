from odoo import models

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

    def _change_account(self, typed):
        """Another legal representative gives new mandates: the former ones are refused, and their owners told."""
        changed = super()._change_account(typed)
        if "representative_name" in changed:
            mandates = self._mandates(self.sudo().member_ids.user_id).filtered(lambda paper: paper.state != "refused")
            if mandates:
                mandates.reason = self._in_their_language().env._("The legal representative has changed.")
                mandates._refuse()
        return changed
