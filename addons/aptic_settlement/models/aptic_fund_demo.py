from datetime import timedelta

from odoo import models
from odoo.addons.aptic_voucher import clock

from ..demo import history
from .aptic_settlement_demo import PROVIDERS

TEXT = """Le fonds aide les structures qui vont vers les habitants éloignés du numérique : ateliers hors les murs, \
équipement itinérant, prêt de matériel.

Critères : un public précis, un partenaire local, une date de début dans les six mois."""


class ApticSettlement(models.Model):
    _inherit = "aptic.settlement"

    def _demo_grants(self, origin):
        """The fund with the most has an open call: one project was helped, another one waits for its decision."""
        fund = self.env["aptic.fund"].search([("line_ids", "!=", False)]).sorted("balance")[-1:]
        if fund.balance < 2:
            return
        day = history.day_of(origin, 2, 12)
        with clock.at(history.moment(day, 10)):
            call = self.env["aptic.fund.call"].create(
                {
                    "name": "Le numérique hors les murs",
                    "fund_id": fund.id,
                    "text": TEXT,
                    "closes_on": clock.today() + timedelta(days=120),
                }
            )
            call.action_publish()
        self._demo_name("demo_fund_call", call)
        providers = [self.env.ref(name) for name in PROVIDERS]
        helped, asking = [provider for provider in providers if call._is_for(provider)][:2]
        half = int(fund.balance / 2) * 100
        grants = self.env["aptic.fund.grant"]
        with clock.at(history.moment(day + timedelta(days=8), 15)):
            grant = grants.with_user(self._demo_manager(helped))._apply(
                call,
                helped,
                "Fournitures de l'atelier itinérant",
                "Chaque mercredi, un atelier dans une commune sans lieu de médiation : papier, câbles, clés USB.",
                half,
            )
        self._demo_name("demo_fund_grant", grant)
        with clock.at(history.moment(day + timedelta(days=12), 11)):
            checker = self.env.ref("aptic_base.demo_user_approbation")
            grant.with_user(checker)._grant(half, "Bravo, et donnez-nous des nouvelles à l'automne.")
        with clock.at(history.moment(day + timedelta(days=14), 16)):
            other = grants.with_user(self._demo_manager(asking))._apply(
                call,
                asking,
                "Prêt de tablettes aux participants",
                "Trois tablettes prêtées une semaine aux personnes qui suivent un parcours, avec un mode d'emploi.",
                100,
            )
        self._demo_name("demo_fund_application", other)

    def _demo_manager(self, provider):
        return provider.member_ids.filtered(lambda member: member.role == "manager")[:1].user_id
