from . import aptic_watch_answer
