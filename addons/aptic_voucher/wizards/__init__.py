from . import aptic_amendment_extension, aptic_amendment_refusal
