from . import (
    test_access,
    test_bank_change,
    test_common,
    test_demo,
    test_form_guard,
    test_member,
    test_member_invite,
    test_portal,
    test_portal_forms,
    test_portal_members,
    test_provider,
    test_territory,
)
