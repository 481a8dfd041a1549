import json
import logging
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.addons.aptic_voucher import keyring
from odoo.exceptions import UserError
from odoo.tools import config

from .. import sealing

_logger = logging.getLogger(__name__)

PREFIX = "offline_key_"
LONGEST = 8_000
PARTS = frozenset(("place_id", "offer_id", "audience_id", "codes", "price_cents", "client_key", "client_time"))
# The client's key and the user of a sealed act stand in its header under registered names (RFC 7519).
USER, CLIENT_KEY = "sub", "jti"


class ApticOffline(models.AbstractModel):
    """Acts that wait at a desk without network: what the desk must know to keep them, and how the server opens them."""

    _name = "aptic.offline"
    _description = "Acts that wait at a desk"

    @api.model
    def _open(self, item):
        """Open an act that a desk of the current user has sealed while it was offline.

        Only what the seal can say is judged here; what the act asks for is judged as any other act's.

        :param dict item: ``client_key``, and ``sealed`` as :func:`..sealing.open_sealed` takes it
        :return: the act as a dict of ``place_id``, ``offer_id``, ``audience_id``, ``codes``, ``price_cents``,
            ``client_key`` and ``client_time``, values not yet checked; or a refusal ``{"status", "message_args"}``:
            ``invalid`` (no sealed act, or altered), ``stranger`` (sealed by another user) or ``stale`` (``reason``
            ``key``: sealed to a key that the server has no longer, ``age``: with ``days``, the most it may be old)
        :raise UserError: when the server has no key at all: nothing is known of any act then
        """
        refusal, act = None, {}
        sealed, client_key = item.get("sealed"), item.get("client_key")
        try:
            if not isinstance(sealed, str) or len(sealed) > LONGEST:
                raise sealing.SealError("length")
            header = sealing.header_of(sealed)
            secret = self._secret(header.get("kid"))
            if header.get(USER) != str(self.env.uid):
                refusal = self._refusal("stranger")
            elif not secret:
                refusal = self._refusal("stale", reason="key")
            else:
                act = self._read(sealing.open_sealed(sealed, secret))
                if not client_key or not client_key == header.get(CLIENT_KEY) == act["client_key"]:
                    raise sealing.SealError("client key")
                if self._is_stale(act["client_time"]):
                    refusal = self._refusal("stale", reason="age", days=self._most_days())
        except sealing.SealError as error:
            refusal = self._refusal("invalid")
            _logger.info("Sealed act of user %s is not as it was sealed: %s", self.env.uid, error)
        return refusal or act

    @api.model
    def _prepare_desk(self):
        """What a desk must know to keep acts while it is offline, or None when this server has no key for it.

        :return: ``uid``, ``key`` (public, a JSON Web Key with its ``kid``), ``hours`` (how old an act may get before
            the desk takes no more) and ``days`` (how old before it is refused)
        """
        try:
            ring = keyring.cached(config["config"], PREFIX)
        except keyring.KeyRingError as error:
            _logger.warning("Desks cannot work offline: %s", error)
            return None
        return {
            "uid": self.env.uid,
            "key": {"kid": str(ring.current), **sealing.public_jwk(ring.key(ring.current))},
            "hours": self.env["aptic.redemption"]._client_time_hours(),
            "days": self._most_days(),
        }

    @api.model
    def _most_days(self):
        """How old an act may be when it arrives, in days by the desk's clock."""
        return self.env["ir.config_parameter"]._get_number("aptic_pos.offline_days", 7, most=366)

    def _is_stale(self, client_time):
        try:
            moment = datetime.fromisoformat(client_time)
        except (TypeError, ValueError):
            raise sealing.SealError("client time") from None
        if moment.tzinfo:
            raise sealing.SealError("client time")
        return moment < fields.Datetime.now() - timedelta(days=self._most_days())

    def _secret(self, kid):
        """The secret of a key's version as a header names it, or None."""
        try:
            ring = keyring.cached(config["config"], PREFIX)
        except keyring.KeyRingError as error:
            _logger.error("Acts that waited at a desk cannot be opened: %s", error)
            raise UserError(
                self.env._(
                    "The server has no key to open what desks have kept while they were offline. Add it to section"
                    " [%(section)s] of the configuration file.",
                    **error.values,
                )
            ) from None
        return next((key for version, key in ring.keys.items() if str(version) == kid), None)

    @staticmethod
    def _read(payload):
        try:
            act = json.loads(payload)
        except (ValueError, RecursionError):
            act = None
        if not isinstance(act, dict) or act.keys() != PARTS:
            raise sealing.SealError("payload")
        return act

    @staticmethod
    def _refusal(status, **args):
        return {"status": status, "message_args": args}
