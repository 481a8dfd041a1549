"""How many vouchers the money received allows to activate. Whole cents and whole booklets; no database here."""


def activable(funded_cents: int, activated_cents: int, face_value_cents: int, booklet_size: int, quantity: int) -> int:
    """The vouchers that may become active now: whole booklets, never more than what was received and not yet used.

    :param funded_cents: received on the segregated account for this order
    :param activated_cents: face value of the vouchers that became active already
    :param face_value_cents: value of one voucher
    :param booklet_size: vouchers in a booklet
    :param quantity: vouchers ordered
    :return: a multiple of ``booklet_size``, 0 when not even one more booklet is funded; when all of it is paid, what
        is left, as booklets that replace others may be smaller
    """
    left = vouchers_funded(funded_cents, activated_cents, face_value_cents, quantity)
    return left if funded_cents >= quantity * face_value_cents else left // booklet_size * booklet_size


def vouchers_funded(funded_cents: int, activated_cents: int, face_value_cents: int, quantity: int) -> int:
    """The vouchers for which money was received and that are not active yet, whatever their booklets."""
    free = min(funded_cents, quantity * face_value_cents) - activated_cents
    return max(0, free // face_value_cents)


def shares(parts: list[tuple[int, bool]], amount_cents: int) -> tuple[int, int]:
    """What one bank receipt gives to an order, and what of it nobody has attributed yet.

    A receipt gives at most its own amount, in the order of its reconciliations: what a write-off adds was never
    received.

    :param parts: ``(cents, whether it is this order's)`` of each reconciliation of the receipt
    :param amount_cents: amount of the bank's line
    :return: ``(cents for the order, cents left)``
    """
    left, ours = amount_cents, 0
    for cents, is_ours in parts:
        part = min(left, cents)
        left -= part
        if is_ours:
            ours += part
    return ours, left
