import logging
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.addons.base.models.res_users import INDEX_SIZE, KEY_CRYPT_CONTEXT
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import api as endpoints
from ..texts import one_line
from .aptic_member import COLUMNS

_logger = logging.getLogger(__name__)

SCOPE = "aptic:"
MOST_KEYS = 20
LONGEST_DAYS = 366
LONGEST_SECRET = 200


class ApticApiKey(models.Model):
    """A key with which an organisation's own tools ask the API.

    The secret is one of Odoo's own API keys (``res.users.apikeys``: only its hash is kept) whose scope names this row
    and nothing else. So it opens neither RPC nor any other door of Odoo, and no other key of Odoo opens ours.
    """

    _name = "aptic.api.key"
    _description = "API key"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Made by", required=True, readonly=True, ondelete="restrict", index=True
    )
    provider_id = fields.Many2one("aptic.provider", readonly=True, index="btree_not_null", ondelete="cascade")
    sponsor_id = fields.Many2one("aptic.sponsor", readonly=True, index="btree_not_null", ondelete="cascade")
    distributor_id = fields.Many2one("aptic.distributor", readonly=True, index="btree_not_null", ondelete="cascade")
    place_id = fields.Many2one(
        "aptic.place",
        string="Only at",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The one place of the provider where the key counts.",
    )
    purposes = fields.Char(required=True, readonly=True, help="What the key is for, e.g. orders:read figures:read.")
    prefix = fields.Char(readonly=True, help="The secret's beginning, to tell keys apart.")
    expires_at = fields.Datetime(string="Expires", required=True, readonly=True)
    revoked_at = fields.Datetime(string="Revoked", readonly=True)
    revoked_by_id = fields.Many2one("res.users", string="Revoked by", readonly=True, ondelete="set null")
    last_used_at = fields.Datetime(string="Last use", readonly=True)

    _one_organisation = models.Constraint(
        "CHECK(num_nonnulls(provider_id, sponsor_id, distributor_id) = 1)",
        "A key belongs to exactly one organisation.",
    )
    _one_place = models.Constraint(
        "CHECK((provider_id IS NULL) = (place_id IS NULL))",
        "A provider's key counts at one place, and no other key has one.",
    )

    def init(self):
        """An index of Odoo's table for our keys: each request looks one up by its beginning."""
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS res_users_apikeys_aptic ON res_users_apikeys (index) WHERE scope LIKE 'aptic:%'"
        )

    # --------------------------------------------------------------- purposes
    @api.model
    def _purposes(self):
        """What keys can be for; addons add theirs.

        :return: dict from the purpose's code to ``{"kind": "provider"|"sponsor"|"distributor", "roles": (…),
            "label": …}``: whose keys may have it, which members may make such a key (it stops when its maker no longer
            is one of them), what the portal calls it
        """
        return {}

    @api.model
    def _purposes_of(self, organisation):
        """The purposes that keys of an organisation may have, as :meth:`_purposes`."""
        kind = organisation._name.removeprefix("aptic.")
        return {code: purpose for code, purpose in self._purposes().items() if purpose["kind"] == kind}

    @api.model
    def _places_of(self, organisation):
        """The places where a key of an organisation can be used (sudo): a provider's; none where that is not asked."""
        places = self.env["aptic.place"].sudo()
        if organisation._name != "aptic.provider":
            return places
        return places.search([("provider_id", "=", organisation.id)], order="name, id")

    def _labels(self):
        """The key's purposes in words."""
        self.ensure_one()
        known = self._purposes()
        return [known[code]["label"] if code in known else code for code in self.purposes.split()]

    def _organisation(self):
        """The organisation whose data the key opens."""
        self.ensure_one()
        return self.provider_id or self.sponsor_id or self.distributor_id

    # ------------------------------------------------------------------- make
    @api.model
    def _make(self, organisation, name, purposes, days, place=None):
        """Make a key for an organisation; the caller has checked that the user manages it.

        :param organisation: ``aptic.provider``, ``aptic.sponsor`` or ``aptic.distributor``
        :param str name: what the key is for, as typed
        :param purposes: codes of :meth:`_purposes_of`
        :param int days: how long it holds, in days
        :param place: ``aptic.place`` of a provider, the only one where its key counts; any other's is refused
        :return: ``(key, secret)``; the secret cannot be had again
        :raise UserError: says what is wrong
        """
        name, purposes = one_line(name, 80), sorted(set(purposes))
        possible = self._purposes_of(organisation)
        if not name:
            raise UserError(self.env._("Give the key a name: which tool will use it?"))
        if not purposes or not set(purposes) <= possible.keys():
            raise UserError(self.env._("Choose what the key may do."))
        if not 1 <= days <= LONGEST_DAYS:
            raise UserError(self.env._("Choose how long the key holds: a year at most."))
        organisation = organisation.sudo()
        if organisation._name == "aptic.provider":
            place = self._places_of(organisation) & (place or self.env["aptic.place"]).sudo()
            if len(place) != 1:
                raise UserError(self.env._("Choose the place where the key will be used."))
        else:
            place = self.env["aptic.place"]
        organisation.lock_for_update()
        column = COLUMNS[organisation._name]
        keys = self.sudo()
        if keys.search_count([(column, "=", organisation.id), *self._alive_domain()]) >= MOST_KEYS:
            raise UserError(self.env._("There are %s keys already: revoke one first.", MOST_KEYS))
        expires_at = datetime.combine(fields.Date.today() + timedelta(days=days), time(23, 59, 59))
        key = keys.create(
            {
                "name": name,
                "user_id": self.env.uid,
                column: organisation.id,
                "place_id": place.id,
                "purposes": " ".join(purposes),
                "expires_at": expires_at,
            }
        )
        secret = self.env["res.users.apikeys"].sudo()._generate(f"{SCOPE}{key.id}", name, expires_at)
        key.prefix = secret[:INDEX_SIZE]
        key._tell(self.env._("API key made: %s", name))
        return key, secret

    def _revoke(self):
        """End a key at once; it stays in the list."""
        for key in self.sudo():
            if key.revoked_at:
                continue
            key.write({"revoked_at": fields.Datetime.now(), "revoked_by_id": self.env.uid})
            self.env["res.users.apikeys"].sudo().search([("scope", "=", f"{SCOPE}{key.id}")]).unlink()
            key._tell(self.env._("API key revoked: %s", key.name))

    def action_revoke(self):
        """Button of the back office."""
        if not self.env.user.has_group("aptic_base.group_aptic_manager"):
            raise AccessError(self.env._("Only a manager of #APTIC can do this."))
        self._revoke()

    def _tell(self, what):
        self.ensure_one()
        self._organisation().sudo()._message_log(
            body=self.env._("%(what)s (by %(user)s)", what=what, user=self.env.user.name)
        )
        _logger.info(
            "%s %s: %s by user %s", self._name, self.id, "revoked" if self.revoked_at else "made", self.env.uid
        )

    @api.model
    def _alive_domain(self):
        return [("revoked_at", "=", False), ("expires_at", ">=", fields.Datetime.now())]

    # ------------------------------------------------------------------ check
    @api.model
    def _of_secret(self, secret, purpose):
        """The key of a secret, when it opens ``purpose`` now; counts the request.

        Odoo's own check is not enough here: it takes a key without scope for any scope.

        :param str secret: as it was sent
        :param str purpose: what the route needs; None when any key will do
        :return: ``aptic.api.key`` (sudo)
        :raise Problem: 401, 403 or 429
        """
        env = endpoints.environment()
        found = self._look_up(secret)
        if not found:
            raise endpoints.unauthorized(sent=True)
        key_id, purposes, user_active, kind, roles = found
        known, purposes = self._purposes(), purposes.split()
        needed = known[purpose]["roles"] if purpose else ("manager", "mediator", "accountant")
        if not user_active or not {*roles} & {*needed}:
            raise endpoints.Problem(
                403, "owner",
                env._("Who made this key no longer manages the organisation: another manager makes a new one."),
            )  # fmt: skip
        if purpose and (purpose not in purposes or known[purpose]["kind"] != kind):
            raise endpoints.Problem(
                403, "purpose",
                env._("This key is not for “%s”: make one that is on the portal.", known[purpose]["label"]),
            )  # fmt: skip
        seconds = self.env["aptic.api.use"]._count(key_id)
        if seconds:
            raise endpoints.Problem(
                429, "rate",
                env._("Too many requests with this key: wait %s seconds.", seconds),
                [("Retry-After", str(seconds))],
            )  # fmt: skip
        return self.sudo().browse(key_id)

    def _look_up(self, secret):
        """Return ``(id, purposes, maker's account is open, kind of organisation, maker's roles in it)``, or None."""
        if len(secret) > LONGEST_SECRET or not secret.isascii() or not secret.isalnum():
            return None
        rows = self.env.execute_query(
            SQL(
                """SELECT a.key, k.id, k.purposes, u.active,
                          CASE WHEN k.sponsor_id IS NOT NULL THEN 'sponsor'
                               WHEN k.provider_id IS NOT NULL THEN 'provider' ELSE 'distributor' END,
                          ARRAY(SELECT m.role FROM aptic_member m WHERE m.user_id = k.user_id AND m.active AND (
                              m.sponsor_id = k.sponsor_id OR m.provider_id = k.provider_id
                              OR m.distributor_id = k.distributor_id))
                     FROM res_users_apikeys a
                     JOIN aptic_api_key k ON a.scope = 'aptic:' || k.id AND k.user_id = a.user_id
                     JOIN res_users u ON u.id = k.user_id
                    WHERE a.index = %s AND a.scope LIKE 'aptic:%%' AND k.revoked_at IS NULL
                      AND a.expiration_date >= now() AT TIME ZONE 'utc'""",
                secret[:INDEX_SIZE],
            )
        )
        return next((row[1:] for row in rows if KEY_CRYPT_CONTEXT.verify(secret, row[0])), None)

    # ------------------------------------------------------------------- show
    def _state(self):
        """``alive``, ``revoked``, ``expired`` or ``owner`` (its maker no longer may)."""
        self.ensure_one()
        if self.revoked_at:
            return "revoked"
        if self.expires_at < fields.Datetime.now():
            return "expired"
        roles = {self._purposes()[code]["roles"] for code in self.purposes.split() if code in self._purposes()}
        member = self.env["aptic.member"]._find(self._organisation(), user=self.user_id)
        return "alive" if self.user_id.active and any(member.role in some for some in roles) else "owner"

    def _last_uses(self):
        """When each key was used last: dict from id to datetime, without those never used."""
        rows = self.env.execute_query(
            SQL(
                """SELECT k.id, GREATEST(k.last_used_at,
                              (SELECT max(u.at) FROM aptic_api_use u WHERE u.key_id = k.id))
                     FROM aptic_api_key k WHERE k.id = ANY(%s)""",
                self.ids,
            )
        )
        return {key_id: at for key_id, at in rows if at}
