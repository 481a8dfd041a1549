from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line, paragraphs
from odoo.exceptions import UserError

STAFF = ("aptic_base.group_aptic_user",)
FROZEN_BY_SENDING = {"place_id", "contact_name", "serial"}
LONGEST_NAME = 80


class ApticKit(models.Model):
    """A parcel to a provider: the kit of a new member, or the scanner that replaces another one."""

    _name = "aptic.kit"
    _description = "Kit"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(
        [("welcome", "Welcome kit"), ("replacement", "Replacement scanner")],
        required=True,
        default="welcome",
        readonly=True,
    )
    state = fields.Selection(
        [("to_prepare", "To send"), ("sent", "Sent"), ("received", "Received"), ("cancelled", "Cancelled")],
        string="Status",
        required=True,
        default="to_prepare",
        tracking=True,
        readonly=True,
        copy=False,
        group_expand=True,
    )
    replacement_id = fields.Many2one("aptic.replacement", index="btree_not_null", ondelete="restrict", readonly=True)
    place_id = fields.Many2one(
        "aptic.place",
        string="Delivered to",
        ondelete="restrict",
        tracking=True,
        domain="[('provider_id', '=', provider_id)]",
    )
    contact_name = fields.Char(string="For the attention of", tracking=True)
    address = fields.Text(string="Delivery address", compute="_compute_address", compute_sudo=True)
    has_address = fields.Boolean(
        string="Address complete", compute="_compute_address", search="_search_has_address", compute_sudo=True
    )
    sent_address = fields.Text(string="Sent to", readonly=True, copy=False)
    serial = fields.Char(string="Serial number of the scanner", copy=False)
    scanner_id = fields.Many2one(
        "aptic.scanner", index="btree_not_null", ondelete="restrict", readonly=True, copy=False
    )
    carrier_id = fields.Many2one("aptic.carrier", ondelete="restrict", tracking=True)
    tracking_number = fields.Char(string="Parcel number", tracking=True, copy=False)
    tracking_url = fields.Char(string="Follow the parcel", compute="_compute_tracking_url")
    sent_on = fields.Date(readonly=True, copy=False)
    received_on = fields.Date(readonly=True, copy=False)
    received_by_id = fields.Many2one("res.users", string="Receipt confirmed by", readonly=True, copy=False)
    cancel_reason = fields.Char(string="Why it was cancelled", copy=False)
    note = fields.Text(string="Note for the team")

    _guarded_fields = frozenset(
        {
            "provider_id",
            "kind",
            "state",
            "replacement_id",
            "sent_address",
            "scanner_id",
            "sent_on",
            "received_on",
            "received_by_id",
        }
    )

    _one_welcome = models.UniqueIndex(
        "(provider_id) WHERE kind = 'welcome' AND state != 'cancelled'", "This provider has its welcome kit already."
    )
    _one_replacement = models.UniqueIndex(
        "(replacement_id) WHERE replacement_id IS NOT NULL AND state != 'cancelled'",
        "This scanner is being replaced already.",
    )
    _to_send_idx = models.Index("(id) WHERE state = 'to_prepare'")
    _sent_whole = models.Constraint(
        "CHECK(state NOT IN ('sent', 'received') OR (scanner_id IS NOT NULL AND sent_on IS NOT NULL))",
        "A parcel that left has a scanner and a day.",
    )
    _kind_whole = models.Constraint(
        "CHECK((kind = 'replacement') = (replacement_id IS NOT NULL))", "A replacement was asked for by somebody."
    )

    @api.depends("kind", "provider_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for kit in self:
            kit.display_name = f"{kinds.get(kit.kind, '')} – {kit.provider_id.name}"

    @api.depends(
        "contact_name",
        "provider_id.name",
        "place_id.name",
        "place_id.street",
        "place_id.zip",
        "place_id.territory_id.name",
    )
    def _compute_address(self):
        for kit in self:
            kit.address = "\n".join(kit._address_lines())
            kit.has_address = bool(kit.place_id.street and kit.place_id.zip)

    def _search_has_address(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        complete = [("place_id.street", "!=", False), ("place_id.zip", "!=", False)]
        domain = fields.Domain(complete)
        return domain if (operator == "=") == value else ~domain

    @api.depends("carrier_id.tracking_pattern", "tracking_number")
    def _compute_tracking_url(self):
        for kit in self:
            kit.tracking_url = kit.carrier_id._tracking_url(kit.tracking_number)

    def _today(self):
        return fields.Date.context_today(self.with_context(tz="Europe/Paris"))

    def write(self, vals):
        """Refuse to change what was in a parcel that has left, or where it went."""
        if FROZEN_BY_SENDING & vals.keys() and any(kit.state != "to_prepare" for kit in self):
            raise UserError(self.env._("The parcel has left: only its carrier and its number can be mended."))
        return super().write(vals)

    # ---------------------------------------------------------------- address
    def _address_lines(self):
        """The address as it stands on a label, a line each."""
        self.ensure_one()
        place = self.place_id
        if not place:
            return []
        name = self.provider_id.name
        lines = [
            name,
            place.name if place.name != name else "",
            self.env._("For the attention of %s", self.contact_name) if self.contact_name else "",
            place.street or "",
            f"{place.zip or ''} {(place.territory_id.name or '').upper()}".strip(),
        ]
        return [line for line in lines if line]

    def _contents(self):
        """What lies in the parcel, for who packs it and for who opens it: a list of texts."""
        self.ensure_one()
        scanner = [self.env._("1 scanner"), self.env._("its instructions")]
        if self.kind == "replacement":
            return scanner
        return [
            *scanner,
            self.env._("1 poster"),
            self.env._("shop-window stickers « #APTIC le chèque culture numérique pour tous »"),
            self.env._("small stickers « Démarche qualité #APTIC »"),
            self.env._("stickers « #APTIC »"),
        ]

    # ---------------------------------------------------------------- prepare
    @api.model
    def _prepare_welcome(self, providers):
        """Note the welcome kit of new members; those that ever had one are left alone.

        :param providers: ``aptic.provider`` records
        :return: the kits that were noted
        """
        known = self.search([("provider_id", "in", providers.ids), ("kind", "=", "welcome")]).provider_id
        return self._guarded_create(
            [
                {"provider_id": provider.id, "place_id": provider.place_ids.sorted("id")[:1].id}
                for provider in providers - known
            ]
        )

    def _prepare_again(self):
        """Note another parcel in the place of a cancelled one."""
        self.ensure_one()
        if self.state != "cancelled":
            raise UserError(self.env._("Only a cancelled parcel is prepared again."))
        others = self.search_count(
            [
                ("provider_id", "=", self.provider_id.id),
                ("kind", "=", self.kind),
                ("replacement_id", "=", self.replacement_id.id),
                ("state", "!=", "cancelled"),
            ],
            limit=1,
        )
        if others:
            raise UserError(self.env._("Another parcel has taken its place already."))
        return self.sudo()._guarded_create(
            [
                {
                    "provider_id": self.provider_id.id,
                    "kind": self.kind,
                    "replacement_id": self.replacement_id.id,
                    "place_id": self.place_id.id,
                    "contact_name": self.contact_name,
                }
            ]
        )

    def _deliver_to(self, place, contact_name):
        """The provider says where its parcel goes, as long as it has not left.

        :param place: ``aptic.place`` record, empty when none was chosen
        :param str contact_name: who opens the door there; may be empty
        """
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if self.state != "to_prepare":
            raise UserError(self.env._("The parcel has left already: write to the #APTIC team."))
        if not place or place.provider_id != self.provider_id:
            raise UserError(self.env._("Choose one of your places."))
        if not (place.street and place.zip):
            raise UserError(
                self.env._("%(name)s has no complete address yet: add its street and its postal code.", name=place.name)
            )
        self.write({"place_id": place.id, "contact_name": one_line(contact_name, LONGEST_NAME) or False})

    # ------------------------------------------------------------------- send
    def _send(self):
        """The parcels leave: their scanners are the providers', who are told.

        :raise UserError: says what is missing
        """
        for kit in self:
            kit.lock_for_update()
            kit.invalidate_recordset(["state"])
            if kit.state != "to_prepare":
                raise UserError(self.env._("%(name)s has left already, or is cancelled.", name=kit.display_name))
            if not kit.has_address:
                raise UserError(
                    self.env._("%(name)s: the street and the postal code are missing.", name=kit.display_name)
                )
            if kit.provider_id.state not in ("active", "suspended"):
                raise UserError(self.env._("%(name)s is no member any more.", name=kit.provider_id.name))
            scanner = self.env["aptic.scanner"].sudo()._hand_over(kit.serial, kit.provider_id)
            kit._guarded_write(
                {
                    "scanner_id": scanner.id,
                    "serial": scanner.serial,
                    "sent_on": kit._today(),
                    "sent_address": kit.address,
                }
            )
            kit._set_state(("to_prepare",), "sent")
            kit.replacement_id.sudo()._scanner_sent()
            kit._tell_sent()

    def _tell_sent(self):
        provider = self.provider_id._in_their_language()
        kit = self.with_context(lang=provider.env.lang)
        lines = [
            provider.env._("Your parcel has left: %(contents)s.", contents=", ".join(kit._contents())),
            provider.env._("Serial number of the scanner: %s", kit.scanner_id.serial),
        ]
        if kit.tracking_number:
            carrier = kit.carrier_id.name or ""
            lines.append(provider.env._("Parcel number: %s", f"{carrier} {kit.tracking_number}".strip()))
        if kit.tracking_url:
            lines.append(provider.env._("Follow it here: %s", kit.tracking_url))
        lines.append(provider.env._("When it is there, confirm its receipt on your #APTIC space, page “Kit”."))
        provider._tell_managers(provider.env._("Your #APTIC kit is on its way"), paragraphs(*lines))

    def _receive(self):
        """Somebody has the parcel in hands; saying so twice is once."""
        moved = self._set_state(("sent",), "received")
        moved._guarded_write({"received_on": self._today(), "received_by_id": self.env.uid})
        return moved

    def _cancel(self, reason):
        """Give a parcel up before it leaves, or because it was lost on its way: its scanner is lost then.

        :param str reason: kept with the parcel
        """
        reason = one_line(reason, 200)
        if not reason:
            raise UserError(self.env._("Say why the parcel is cancelled."))
        for kit in self:
            was_sent = kit.state == "sent"
            for moved in kit._set_state(("to_prepare", "sent"), "cancelled"):
                moved.cancel_reason = reason
                if was_sent:
                    moved.scanner_id.sudo()._leave("lost")
                    moved.replacement_id.sudo()._scanner_not_there()

    # ---------------------------------------------------------------- actions
    def action_send(self):
        """Send, from the form or the list."""
        self._check_any_group(STAFF)
        self._send()

    def action_receive(self):
        """Note the receipt, from the form."""
        self._check_any_group(STAFF)
        self._receive()

    def action_cancel(self):
        """Cancel, from the form, for the reason that stands there."""
        self._check_any_group(STAFF)
        for kit in self:
            kit._cancel(kit.cancel_reason)

    def action_prepare_again(self):
        """Prepare another one, from the form of a cancelled one."""
        self._check_any_group(STAFF)
        kit = self._prepare_again()
        return {"type": "ir.actions.act_window", "res_model": "aptic.kit", "res_id": kit.id, "view_mode": "form"}

    def _action_download(self, page):
        self._check_any_group(STAFF)
        numbers = ",".join(str(number) for number in self.ids)
        return {"type": "ir.actions.act_url", "url": f"/aptic/kits/{page}?ids={numbers}", "target": "self"}

    def action_labels(self):
        """Address labels of these parcels, as a PDF."""
        return self._action_download("labels")

    def action_addresses(self):
        """Addresses of these parcels, as a CSV file for the carrier."""
        return self._action_download("addresses")
