from odoo.addons.aptic_base.controllers.portal import as_id
from odoo.addons.aptic_base.import_files import csv_bytes
from odoo.exceptions import LockError, UserError
from odoo.http import content_disposition, request, route

from .. import kit_labels
from .dossier import DOSSIER, ApticDossier

LARGEST_LIST = 500


class ApticKitPortal(ApticDossier):
    """A provider's kit: where it goes, where it is, and what to do when its scanner no longer serves."""

    def _kit_page(self, provider, member, errors=None, values=None, saved=False):
        kits = provider.kit_ids.filtered(lambda kit: kit.state != "cancelled")
        replacements = provider.replacement_ids
        model = request.env["aptic.replacement"].sudo()
        waiting = replacements.filtered(lambda replacement: replacement.state in ("declared", "approved"))
        allowed_from = model._allowed_from(provider)
        today = kits._today()
        return self._dossier_page(
            provider,
            member,
            "portal_kit",
            "aptic_kit",
            form_record=kits.filtered(lambda kit: kit.state == "to_prepare")[:1],
            kits=kits,
            places=provider.place_ids.sorted("name"),
            scanners=provider.scanner_ids,
            replacements=replacements,
            waiting=waiting,
            allowed_from=allowed_from if allowed_from and allowed_from > today else False,
            may_declare=member.role == "manager"
            and provider.state == "active"
            and bool(provider.scanner_ids)
            and not waiting
            and not (allowed_from and allowed_from > today),
            may_receive=member.role in ("manager", "mediator"),
            errors=errors or {},
            values=values or {},
            saved=saved,
        )

    def _kit_member(self, provider_id, roles=("manager",)):
        """Return ``(provider, member, denied)``; the kit is for those who are members of #APTIC, or were suspended."""
        provider, member = self._aptic_member("aptic.provider", provider_id, roles)
        if not member or provider.state not in ("active", "suspended"):
            return provider, member, self._aptic_denied()
        return provider, member, None

    def _kit_act(self, provider, member, post, field, verb):
        """Run a verb once for a form; what is wrong is said at ``field``, and nothing is written then."""
        try:
            with request.env.cr.savepoint():
                if self._form_once(post):
                    verb()
        except UserError as error:
            return self._kit_page(provider, member, {field: str(error)}, post)
        except LockError:
            busy = request.env._("Somebody is working on this at the same moment: try again.")
            return self._kit_page(provider, member, {field: busy}, post)
        return request.redirect(f"/my/aptic/provider/{provider.id}/kit?saved=1")

    @route(f"{DOSSIER}/kit", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_kit(self, provider_id, saved=None, **_query):
        """Show the parcels, the scanners and their replacements."""
        provider, member, denied = self._kit_member(provider_id, ("manager", "mediator", "accountant"))
        return denied or self._kit_page(provider, member, saved=bool(saved))

    @route(f"{DOSSIER}/kit/<int:kit_id>/delivery", type="http", auth="user", website=True, methods=["POST"])
    def aptic_kit_delivery(self, provider_id, kit_id, place_id=None, contact_name="", **post):
        """Say where a parcel goes."""
        provider, member, denied = self._kit_member(provider_id)
        kit = provider.kit_ids.filtered(lambda kit: kit.id == kit_id)
        if denied or not kit:
            return denied or self._aptic_denied()
        values = {**post, "place_id": as_id(place_id), "contact_name": contact_name, "kit_id": kit_id}
        if conflict := self._form_conflict(kit, post):
            return self._kit_page(provider, member, {"place_id": conflict}, values)
        place = provider.place_ids.filtered(lambda place: place.id == values["place_id"])
        return self._kit_act(provider, member, values, "place_id", lambda: kit._deliver_to(place, contact_name))

    @route(f"{DOSSIER}/kit/<int:kit_id>/received", type="http", auth="user", website=True, methods=["POST"])
    def aptic_kit_received(self, provider_id, kit_id, **post):
        """Confirm the receipt of a parcel."""
        provider, member, denied = self._kit_member(provider_id, ("manager", "mediator"))
        kit = provider.kit_ids.filtered(lambda kit: kit.id == kit_id)
        if denied or not kit:
            return denied or self._aptic_denied()
        return self._kit_act(provider, member, post, "received", kit._receive)

    @route(f"{DOSSIER}/kit/replacement", type="http", auth="user", website=True, methods=["POST"])
    def aptic_replacement(self, provider_id, scanner_id=None, cause=None, description="", **post):
        """Declare a scanner that no longer serves."""
        provider, member, denied = self._kit_member(provider_id)
        if denied:
            return denied
        scanner = provider.scanner_ids.filtered(lambda scanner: scanner.id == as_id(scanner_id))
        values = {**post, "scanner_id": scanner.id, "cause": cause, "description": description}
        model = request.env["aptic.replacement"].sudo()
        return self._kit_act(
            provider, member, values, "replacement", lambda: model._declare(provider, scanner, cause, description)
        )

    @route(
        f"{DOSSIER}/kit/replacement/<int:replacement_id>/withdraw",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def aptic_replacement_withdraw(self, provider_id, replacement_id, **post):
        """The scanner works again."""
        provider, member, denied = self._kit_member(provider_id)
        replacement = provider.replacement_ids.filtered(lambda replacement: replacement.id == replacement_id)
        if denied or not replacement:
            return denied or self._aptic_denied()
        return self._kit_act(provider, member, post, "withdraw", replacement._withdraw)

    # ------------------------------------------------------------------ staff
    def _staff_kits(self, ids):
        """The parcels that staff may read among the numbers of an address, at most ``LARGEST_LIST``."""
        if not request.env.user.has_group("aptic_base.group_aptic_user"):
            return request.env["aptic.kit"]
        numbers = [as_id(number) for number in str(ids or "").split(",")[:LARGEST_LIST]]
        return request.env["aptic.kit"].search([("id", "in", [number for number in numbers if number])], order="id")

    def _kit_file(self, content, kind, name):
        return request.make_response(
            content,
            [
                ("Content-Type", kind),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
        )

    @route("/aptic/kits/labels", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_kit_labels(self, ids="", **_query):
        """Address labels, on sheets of 2 × 7."""
        kits = self._staff_kits(ids)
        if not kits:
            return self._aptic_denied()
        labels = kit_labels.draw([kit._address_lines() for kit in kits if kit.has_address])
        return self._kit_file(labels, "application/pdf", "aptic-etiquettes.pdf")

    @route("/aptic/kits/addresses", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_kit_addresses(self, ids="", **_query):
        """The same addresses as a file for the carrier."""
        kits = self._staff_kits(ids)
        if not kits:
            return self._aptic_denied()
        env = request.env
        header = [
            env._("Reference"),
            env._("Organisation"),
            env._("For the attention of"),
            env._("Place"),
            env._("Street"),
            env._("Postal code"),
            env._("Municipality"),
            env._("Phone"),
            env._("E-mail"),
        ]
        rows = [
            [
                f"KIT{kit.id}",
                kit.provider_id.name or "",
                kit.contact_name or "",
                kit.place_id.name or "",
                kit.place_id.street or "",
                kit.place_id.zip or "",
                kit.place_id.territory_id.name or "",
                kit.place_id.phone or kit.provider_id.phone or "",
                kit.place_id.email or kit.provider_id.email or "",
            ]
            for kit in kits
        ]
        return self._kit_file(csv_bytes([header, *rows]), "text/csv; charset=utf-8", "aptic-adresses.csv")
