"""What the parts of the watch share: whom it tells, and how much they answer."""

MANAGERS = "aptic_base.group_aptic_manager"
LONGEST_REASON = 300  # of a decision, in characters


def managers(env):
    """Give pairs ``(user, environment in his language)`` of the internal users who are managers of #APTIC."""
    for user in env.ref(MANAGERS).sudo().all_user_ids.filtered(lambda user: not user.share):
        yield user, env(context={**env.context, "lang": user.lang})
