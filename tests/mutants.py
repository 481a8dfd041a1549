"""The sabotages of ``./aptic mutants``; every issue adds its own."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="the judge of tests lets a warning pass",
        file="devtools/odoo_tests.py",
        old='if record.level not in ("WARNING", "ERROR", "CRITICAL"):',
        new='if record.level not in ("ERROR", "CRITICAL"):',
        word="a_warning_in_the_log_fails",
        only="pytest",
    ),
    Mutant(
        name="an order is activated without its funds",
        file="addons/aptic_voucher/models/aptic_order.py",
        old="if order.funded_cents < order.face_cents:",
        new="if False:",
        addons=("aptic_voucher",),
        word="activation_says_what_is_missing",
        only="odoo",
    ),
    Mutant(
        name="a bank line typed by hand funds an order",
        file="addons/aptic_voucher/models/aptic_order_funding.py",
        old="lines._is_aptic_receipt().filtered(",
        new="lines.filtered(",
        addons=("aptic_voucher",),
        word="typed_by_hand",
        only="odoo",
    ),
    Mutant(
        name="rules of a confirmed order can change",
        file="addons/aptic_voucher/models/aptic_rule.py",
        old='frozen = self.sudo().order_id.filtered(lambda order: order.state != "draft")',
        new="frozen = self.sudo().order_id.browse()",
        addons=("aptic_voucher",),
        word="frozen_rules_cannot_change_by_any_way",
        only="odoo",
    ),
)
