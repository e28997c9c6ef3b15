drop table signing_keys, revocations, audit_events, bulk_job_items, bulk_jobs, message_days, suppressions, messages,
    challenges, staff_links, magic_link_secrets, magic_links, refresh_tokens, sessions, invitations, contacts, api_keys,
    team_members, accounts;
