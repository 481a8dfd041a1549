"""A small #APTIC for tests: two providers, two sponsors and a user of every role."""

import base64
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

SIRETS = ("80295478400012", "73282932000074")


class ApticCase(TransactionCase):
    """Records are created as the superuser; tests take a role with ``with_user``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bordeaux = cls._commune("33063", "Bordeaux", ("33", "Gironde"), ("75", "Nouvelle-Aquitaine"))
        cls.pau = cls._commune("64445", "Pau", ("64", "Pyrénées-Atlantiques"), ("75", "Nouvelle-Aquitaine"))
        cls.lyon = cls._commune("69123", "Lyon", ("69", "Rhône"), ("84", "Auvergne-Rhône-Alpes"))
        cls.library = cls._referential("aptic.place.type", "test_library", name="Médiathèque (test)")
        cls.fablab = cls._referential("aptic.place.type", "test_fablab", name="Fablab (test)")
        cls.everyone = cls._referential("aptic.audience", "test_everyone", name="Tout public (test)")
        cls.seniors = cls._referential("aptic.audience", "test_seniors", name="Seniors (test)")
        cls.level = cls._referential("aptic.service.level", "test_level", name="Maîtriser (test)")
        cls.category = cls._referential(
            "aptic.service.category", "test_category", name="Démarches (test)", level_id=cls.level.id
        )
        cls.other_category = cls._referential(
            "aptic.service.category", "test_other_category", name="Fabrication (test)", level_id=cls.level.id
        )
        cls.service = cls._referential(
            "aptic.service", "test_service", name="Impôts (test)", category_id=cls.category.id
        )
        cls.other_service = cls._referential(
            "aptic.service", "test_other_service", name="Imprimante 3D (test)", category_id=cls.other_category.id
        )
        cls.provider_a, cls.provider_b = (
            cls._provider(f"Acteur {letter} (test)", siret) for letter, siret in zip("AB", SIRETS, strict=True)
        )
        cls.place_a = cls._place(cls.provider_a, "Lieu A", cls.bordeaux, cls.library)
        cls.place_b = cls._place(cls.provider_b, "Lieu B", cls.lyon, cls.fablab)
        cls.offer_a = cls._offer(cls.provider_a, cls.service, 1000)
        cls.offer_b = cls._offer(cls.provider_b, cls.other_service, 1200)
        cls.sponsor_a, cls.sponsor_b = (
            cls.env["aptic.sponsor"].create({"name": f"Commanditaire {letter} (test)", "is_company": True})
            for letter in "AB"
        )
        cls.manager_a, cls.manager_a_member = cls._member(cls.provider_a, "manager", "manager_a")
        cls.mediator_a, cls.mediator_a_member = cls._member(cls.provider_a, "mediator", "mediator_a")
        cls.accountant_a, cls.accountant_a_member = cls._member(cls.provider_a, "accountant", "accountant_a")
        cls.manager_b, cls.manager_b_member = cls._member(cls.provider_b, "manager", "manager_b")
        cls.sponsor_user_a, _member = cls._member(cls.sponsor_a, "manager", "sponsor_user_a")
        cls.sponsor_user_b, _member = cls._member(cls.sponsor_b, "manager", "sponsor_user_b")
        cls.stranger = cls._user("stranger", "base.group_portal")
        cls.staff = cls._user("staff", "aptic_base.group_aptic_user")
        cls.staff_manager = cls._user("staff_manager", "aptic_base.group_aptic_manager")
        cls.reviewer = cls._user("reviewer", "aptic_base.group_aptic_reviewer")
        cls.accountant = cls._user("accountant", "aptic_base.group_aptic_accountant")

    # --------------------------------------------------------------- builders
    @classmethod
    def _user(cls, login, groups):
        return new_test_user(
            cls.env,
            f"aptic_{login}",
            groups,
            {"no_reset_password": True},
            email=f"{login}@example.org",
            tz="Europe/Paris",
        )

    @classmethod
    def _territory(cls, kind, code, name, parent=None):
        model = cls.env["aptic.territory"]
        found = model.search([("kind", "=", kind), ("code", "=", code)])
        return found or model.create({"kind": kind, "code": code, "name": name, "parent_id": parent and parent.id})

    @classmethod
    def _commune(cls, code, name, department, region):
        country = cls._territory("country", "FR", "France")
        area = cls._territory("region", *region, country)
        return cls._territory("commune", code, name, cls._territory("department", *department, area))

    @classmethod
    def _referential(cls, model, code, **values):
        return cls.env[model].create({"code": code, **values})

    @classmethod
    def _provider(cls, name, siret, state="active", **values):
        return cls.env["aptic.provider"]._guarded_create(
            [{"name": name, "is_company": True, "siret": siret, "state": state, **values}]
        )

    @classmethod
    def _place(cls, provider, name, commune, place_type, **values):
        return cls.env["aptic.place"].create(
            {"provider_id": provider.id, "name": name, "territory_id": commune.id, "type_id": place_type.id, **values}
        )

    @classmethod
    def _offer(cls, provider, service, price_cents, places=(), **values):
        return cls.env["aptic.offer"].create(
            {
                "provider_id": provider.id,
                "service_id": service.id,
                "price_cents": price_cents,
                "place_ids": [Command.set([place.id for place in places])],
                **values,
            }
        )

    @classmethod
    def _paper(cls, provider, kind, state="accepted", **values):
        """A document in a state, past the checks of what people send.

        :param kind: ``aptic.paper.type`` record, or its code
        """
        if isinstance(kind, str):
            kind = cls.env.ref(f"aptic_base.paper_type_{kind}")
        today = fields.Date.today()
        vals = {
            "provider_id": provider.id,
            "type_id": kind.id,
            "document": base64.b64encode(b"%PDF-1.7 test"),
            "filename": "test.pdf",
            "mimetype": "application/pdf",
            "size": 13,
            "pages": 1,
            "state": state,
            "issued_on": kind.max_age_months and today,
            "expires_on": kind.has_expiry and today + timedelta(days=700),
        }
        return cls.env["aptic.paper"]._guarded_create([{**vals, **values}])

    @classmethod
    def _accept_papers(cls, provider):
        """Give a provider every paper that its legal form must have."""
        papers = cls.env["aptic.paper"]
        kinds = cls.env["aptic.paper.type"].search([("required", "=", True), ("legal_form", "=", provider.legal_form)])
        for kind in kinds:
            owner = cls._owner(provider) if kind.per_owner else papers.owner_id
            papers |= cls._paper(provider, kind, owner_id=owner.id)
        return papers

    @classmethod
    def _owner(cls, provider, name="Ada Martin (test)", share=60, **values):
        return cls.env["aptic.beneficial.owner"]._declare(
            provider, name, fields.Date.to_date("1980-05-17"), cls.env.ref("base.fr"), share, **values
        )

    @classmethod
    def _pathway(cls, provider, name, offers, **values):
        pathways = cls.env["aptic.pathway"]
        sessions = {"sessions": str(len(offers)), "session_ids": pathways._sessions_of(offers)}
        return pathways.create({"provider_id": provider.id, "name": name, **sessions, **values})

    @classmethod
    def _member(cls, organisation, role, login):
        """Return ``(user, member)``: a portal user with a role in a provider, sponsor or distributor."""
        user = cls._user(login, "base.group_portal")
        column = {"aptic.provider": "provider_id", "aptic.sponsor": "sponsor_id", "aptic.distributor": "distributor_id"}
        values = {"user_id": user.id, column[organisation._name]: organisation.id, "role": role}
        return user, cls.env["aptic.member"].create(values)
