"""The managers of #APTIC, each in his language."""

MANAGERS = "aptic_base.group_aptic_manager"


def in_their_language(env):
    """Give pairs ``(user, environment in his language)`` of the internal users who are managers of #APTIC."""
    for user in env.ref(MANAGERS).sudo().all_user_ids.filtered(lambda user: not user.share):
        yield user, env(context={**env.context, "lang": user.lang})
