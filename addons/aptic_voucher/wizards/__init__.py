from . import aptic_closing_agree, aptic_extend
