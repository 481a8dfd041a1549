from odoo.http import Controller, request, route

from .. import api


class ApticApiKeyEndpoint(Controller):
    """What any key may ask: what it is itself."""

    @route(
        "/aptic/api/v1/key",
        type="aptic_api",
        auth="aptic_key",
        methods=["GET"],
        readonly=True,
        save_session=False,
    )
    def aptic_api_key(self):
        """The key's name, organisation, place, purposes and last day."""
        api.Query().check()
        key = request.api_key
        organisation = key._organisation()
        return api.answer(
            {
                "name": key.name,
                "organisation": {
                    "kind": organisation._name.removeprefix("aptic."),
                    "id": organisation.id,
                    "name": organisation.name,
                },
                "place": {"id": key.place_id.id, "name": key.place_id.name} if key.place_id else None,
                "purposes": key.purposes.split(),
                "expires_at": api.moment(key.expires_at),
                "requests_per_minute": request.env["aptic.api.use"]._most(),
            }
        )
