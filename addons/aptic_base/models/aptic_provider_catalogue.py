from odoo import fields, models
from odoo.tools import file_open, format_date

from .. import catalogue_pdf

LOGO = "aptic_base/static/img/logo.png"
SHOWN_STATES = ("active",)


class ApticProvider(models.Model):
    """What a provider shows to everyone: its open places, its services and prices, its pathways. Nothing else."""

    _inherit = "aptic.provider"

    # ------------------------------------------------------------ public page
    def _public_path(self):
        """Address of the public page on this server: the number counts, the name after it is for the eye."""
        self.ensure_one()
        return "/aptic/acteurs/" + "-".join(filter(None, [str(self.id), self.env["ir.http"]._slugify(self.name)]))

    def _is_shown(self):
        """Whether the public page exists: of active providers only."""
        self.ensure_one()
        return self.state in SHOWN_STATES

    def _shown_places(self, day):
        """The places where vouchers are taken on ``day`` (a date), by name."""
        return self.place_ids.filtered(lambda place: place._is_open(day)).sorted("name")

    def _shown_offers(self, places):
        """The services in force at these places, by level and category, that the référentiel still has."""
        return self.offer_ids.filtered(
            lambda offer: offer.service_id.active and (not offer.place_ids or offer.place_ids & places)
        ).sorted(
            lambda offer: (
                offer.level_id.sequence,
                offer.level_id.id,
                offer.category_id.sequence,
                offer.sequence,
                offer.name,
                offer.id,
            )
        )

    def _shown_pathways(self, offers):
        """The pathways whose sessions are all among the services shown."""
        return self.pathway_ids.filtered(lambda pathway: pathway.is_given and not pathway.offer_ids - offers)

    def _catalogue_values(self, day=None):
        """What the public page and the printed catalogue show.

        :param day: date, default today
        :return: dict of recordsets: ``places``, ``levels`` (offers by level, in order), ``pathways``
        """
        self.ensure_one()
        places = self._shown_places(day or fields.Date.context_today(self))
        offers = self._shown_offers(places) if places else self.env["aptic.offer"]
        return {"places": places, "levels": offers.grouped("level_id"), "pathways": self._shown_pathways(offers)}

    # -------------------------------------------------------------- catalogue
    def _catalogue_pdf(self):
        """The printable catalogue of the provider, in the reader's language.

        :return: the bytes of a PDF; the QR code leads to the public page, once there is one
        """
        self.ensure_one()
        values = self._catalogue_values()
        with file_open(LOGO, "rb") as logo:
            paper = catalogue_pdf.Catalogue(
                title=self.env._("Our services of digital mediation"),
                name=self.name,
                subtitle=self.env._("Payable with #APTIC vouchers, the digital culture voucher: 10 € each."),
                url=self.get_base_url() + self._public_path() if self._is_shown() else "",
                url_hint=self.env._("Our services and places, up to date:"),
                headings={
                    "places": self.env._("Where to find us"),
                    "services": self.env._("Our services and prices"),
                    "pathways": self.env._("Our pathways"),
                },
                empty={
                    "places": self.env._("No place is open at present."),
                    "services": self.env._("No service is offered at present."),
                },
                places=[self._printed_place(place) for place in values["places"]],
                levels=[
                    (level.name, [self._printed_offer(offer, values["places"]) for offer in offers])
                    for level, offers in values["levels"].items()
                ],
                pathways=[self._printed_pathway(pathway) for pathway in values["pathways"]],
                date=format_date(self.env, fields.Date.context_today(self)),
                logo=logo.read(),
                page=self.env._("page %s", "{page}"),
            )
        return catalogue_pdf.draw(paper)

    def _printed_place(self, place):
        return catalogue_pdf.Place(
            name=place.name,
            kind=place.type_id.name,
            address=place._address(),
            hours=place._hours_texts(),
            contact=" · ".join(filter(None, [place.phone, place.email, place.website])),
            ways=place.accessibility_ids.mapped("name"),
        )

    def _printed_offer(self, offer, places):
        return catalogue_pdf.Service(
            name=offer.name,
            facts=offer._facts(places),
            price=offer._euros(offer.price_cents),
            payment=offer._payment_sentence(),
        )

    def _printed_pathway(self, pathway):
        return catalogue_pdf.Pathway(
            name=pathway.name,
            description=pathway.description or "",
            sessions=[session.offer_id.name for session in pathway.session_ids],
            price=self.env["aptic.offer"]._euros(pathway.price_cents),
            payment=pathway._payment_sentence(),
        )
