from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError, ValidationError

# What is asked to join, with the longest text taken.
JOIN_FIELDS = {"siret": 40, "legal_form": 20, "name": 120, "representative_name": 120, "representative_capacity": 80}


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    application_ids = fields.One2many("aptic.application", "provider_id", groups="aptic_base.group_aptic_reviewer")
    decision_ids = fields.One2many("aptic.decision", "provider_id", groups="aptic_base.group_aptic_reviewer")
    charter_signature_ids = fields.One2many(
        "aptic.charter.signature", "provider_id", groups="aptic_base.group_aptic_user"
    )
    subscription_ids = fields.One2many("aptic.subscription", "provider_id", groups="aptic_base.group_aptic_user")

    # ------------------------------------------------------------------- join
    @api.model
    def _join(self, user, vals):
        """Create the organisation of a user, who becomes its manager.

        :param user: ``res.users`` record
        :param dict vals: values of ``JOIN_FIELDS`` as typed, and ``acts_as`` (``representative`` or ``agent``); all are
            required
        :return: the new provider
        :raise UserError: says what is missing or wrong; never who registered a SIRET before
        """
        clean = {name: one_line(vals.get(name), longest) for name, longest in JOIN_FIELDS.items()}
        if not all(clean.values()):
            raise UserError(self.env._("Fill in every field."))
        if clean["legal_form"] not in dict(self._fields["legal_form"].selection):
            raise UserError(self.env._("Choose a legal form."))
        if vals.get("acts_as") not in ("representative", "agent"):
            raise UserError(
                self.env._("Say whether you are the legal representative, or act for that person with a mandate.")
            )
        siret = "".join(sign for sign in clean["siret"] if sign.isalnum())
        if self.sudo().search_count([("siret", "=", siret)], limit=1):
            raise UserError(
                self.env._(
                    "This SIRET is registered already. Ask the manager of your organisation to add you as a member, "
                    "or write to the #APTIC team if you do not know who it is."
                )
            )
        try:
            with self.env.cr.savepoint():
                provider = self.sudo().create({**clean, "is_company": True, "email": user.email, "lang": user.lang})
        except ValidationError as error:
            raise UserError(str(error)) from error
        self.env["aptic.member"].sudo().create(
            {"user_id": user.id, "provider_id": provider.id, "role": "manager", "acts_as": vals["acts_as"]}
        )
        return provider

    # -------------------------------------------------------------- decisions
    def _check_no_application_waits(self):
        """Refuse to decide beside an application: its decision would not be kept."""
        if self.sudo().application_ids.filtered(lambda application: application.state == "submitted"):
            raise UserError(
                self.env._("Decide on the application itself, so that the decision and its reason are kept.")
            )

    def action_declare_eligible(self):
        """Staff's word on an application that did not come through the questionnaire."""
        self._check_no_application_waits()
        return super().action_declare_eligible()

    def action_decline(self):
        """Staff's word on an application that did not come through the questionnaire."""
        self._check_no_application_waits()
        return super().action_decline()

    # --------------------------------------------------------------- progress
    def _activation_blockers(self):
        """What is still missing before the provider may scan: a list of sentences, each says what to do."""
        blockers = super()._activation_blockers()
        provider = self.sudo()
        if not provider._live_subscription():
            blockers.append(self.env._("Choose your plan: monthly or yearly. It starts with your first scan only."))
        return blockers

    def _live_subscription(self):
        """The subscription that has not ended, or an empty recordset."""
        self.ensure_one()
        return self.subscription_ids.filtered(lambda subscription: subscription.state != "ended")

    def _joining_steps(self):
        """The five steps of the guide for this provider.

        :return: list of dicts ``key``, ``name``, ``done``, ``open`` (may be worked on now), ``text`` and ``links``
            (pages of the dossier: dicts ``page``, the last part of its address, and ``label``)
        """
        self.ensure_one()
        provider = self.sudo()
        joined = provider.state in ("chartered", "active", "suspended")
        eligible = joined or provider.state == "eligible"
        application = provider.application_ids.filtered(lambda run: run.state != "decided")
        catalogue = bool(provider.place_ids and provider.offer_ids)
        subscription = provider._live_subscription()
        texts = {
            "draft": self.env._("Answer the questionnaire: five themes, about 30 minutes."),
            "applied": self.env._("Your answers are under review."),
            "declined": self.env._("Not eligible yet: read the diagnosis and come back stronger."),
            "eligible": self.env._("Eligible! Read and sign the charter."),
        }
        if application.state == "draft":
            texts["draft"] = texts["declined"] = self.env._(
                "Your questionnaire is in progress: go on where you left it."
            )
        labels = {
            "eligibility": self.env._("Eligibility"),
            "charter": self.env._("Charter"),
            "places": self.env._("Places"),
            "offers": self.env._("Services"),
            "subscription": self.env._("Subscription"),
        }

        def pages(*names):
            return [{"page": name, "label": labels[name]} for name in names]

        return [
            {
                "key": "account",
                "name": self.env._("My account and my organisation"),
                "done": True,
                "open": True,
                "text": f"{provider.name} · SIRET {provider.siret}",
                "links": [],
            },
            {
                "key": "eligibility",
                "name": self.env._("Eligibility and charter"),
                "done": joined,
                "open": True,
                "text": texts.get(provider.state, self.env._("Eligible, charter signed.")),
                "links": pages("eligibility", "charter") if eligible else pages("eligibility"),
            },
            {
                "key": "catalogue",
                "name": self.env._("My places and services"),
                "done": catalogue,
                "open": eligible,
                "text": self.env._(
                    "%(places)s place(s), %(offers)s service(s).",
                    places=len(provider.place_ids),
                    offers=len(provider.offer_ids),
                ),
                "links": pages("places", "offers"),
            },
            {
                "key": "subscription",
                "name": self.env._("Subscription"),
                "done": bool(subscription),
                "open": joined,
                "text": subscription.display_name
                if subscription
                else self.env._("7 € a month or 77 € a year before tax, from your first scan only."),
                "links": pages("subscription") if joined else [],
            },
            {
                "key": "welcome",
                "name": self.env._("Welcome to the #APTIC community"),
                "done": provider.state == "active",
                "open": provider.state == "active",
                "text": self.env._("You may take vouchers.")
                if provider.state == "active"
                else self.env._("As soon as the rest is done."),
                "links": [],
            },
        ]
