from . import (
    aptic_amendment_extension,
    aptic_amendment_refusal,
    aptic_blocking_lift,
    aptic_blocking_take,
    aptic_closing_agree,
    aptic_extend,
    aptic_print,
    aptic_proof_version,
    aptic_redemption_cancel,
)
