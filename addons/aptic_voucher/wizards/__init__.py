from . import aptic_proof_version
