"""Sabotages of aptic_pos."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="wrong codes stop nobody",
        file="addons/aptic_pos/models/aptic_redemption.py",
        old="""self.env["aptic.attempt"]._is_throttled(facts)""",
        new="False",
        addons=("aptic_pos",),
        word="ten_wrong_codes",
        only="odoo",
    ),
    Mutant(
        name="whoever sends an act that waited at a desk is taken for who made it",
        file="addons/aptic_pos/models/aptic_offline.py",
        old="header.get(USER) != str(self.env.uid)",
        new="False",
        addons=("aptic_pos",),
        word="another_user_cannot_send_it",
        only="odoo",
    ),
    Mutant(
        name="an act may be opened under the client key of another",
        file="addons/aptic_pos/models/aptic_offline.py",
        old="""not client_key == header.get(CLIENT_KEY) == act["client_key"]""",
        new="False",
        addons=("aptic_pos",),
        word="a_client_key_cannot_be_given",
        only="odoo",
    ),
)
