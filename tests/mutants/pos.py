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
    Mutant(
        name="the act before the last one is taken back too",
        file="addons/aptic_voucher/models/aptic_redemption_desk.py",
        old="if act._has_later_of_its_user():",
        new="if False:",
        addons=("aptic_pos",),
        word="act_before_is_out_of_reach",
        only="odoo",
    ),
    Mutant(
        name="anybody of the organisation takes a colleague's scan back",
        file="addons/aptic_voucher/models/aptic_redemption_desk.py",
        old="act.user_id != self.env.user or not",
        new="not",
        addons=("aptic_pos",),
        word="others_do_not",
        only="odoo",
    ),
    Mutant(
        name="a test is a way to guess",
        file="addons/aptic_voucher/models/aptic_redemption_desk.py",
        old="            self._note_wrong_code(member, place)\n",
        new="",
        addons=("aptic_pos",),
        word="no_way_to_guess",
        only="odoo",
    ),
    Mutant(
        name="sessions of a pathway are not matched with their services",
        file="addons/aptic_pos/pathways.py",
        old="if rest[offer]:",
        new="if False:",
        word="pathways",
        only="pytest",
    ),
)
