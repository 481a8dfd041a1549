"""When members are told that a new version of the charter waits for them. Plain Python."""

# From the first message to the last: how many days before the last day each is due at the latest.
STAGES = (("asked", None), ("month", 30), ("week", 7), ("day", 1))
# Nobody is suspended sooner than this many days after having been told for the first time.
NOTICE_DAYS = 7


def due(days_left: int) -> str:
    """The message that is due when ``days_left`` days remain; earlier ones are not made up for."""
    stage = STAGES[0][0]
    for name, days in STAGES[1:]:
        if days_left <= days:
            stage = name
    return stage


def from_stage(stage: str) -> list[str]:
    """``stage`` and the stages after it: whoever had one of them is not told ``stage`` again."""
    names = [name for name, _days in STAGES]
    return names[names.index(stage) :]
