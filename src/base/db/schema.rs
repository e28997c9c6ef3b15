// @generated automatically by Diesel CLI.

diesel::table! {
    access_grants (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        contact_id -> Uuid,
        target_id -> Uuid,
        course_id -> Nullable<Uuid>,
        community_id -> Nullable<Uuid>,
        offer_id -> Nullable<Uuid>,
        source -> Text,
        source_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        granted_by -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    account_counts (account_id, slot) {
        account_id -> Uuid,
        slot -> Int2,
        invited -> Int8,
        active -> Int8,
        invited_total -> Int8,
        version -> Int8,
    }
}

diesel::table! {
    account_seen_days (account_id, day, slot) {
        account_id -> Uuid,
        day -> Date,
        slot -> Int2,
        active -> Int8,
    }
}

diesel::table! {
    account_slugs (slug) {
        slug -> Text,
        account_id -> Uuid,
    }
}

diesel::table! {
    accounts (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        reply_to -> Nullable<Text>,
        accent_color -> Text,
        invitation_days -> Int2,
        limit_copied_links -> Bool,
        created_at -> Timestamptz,
        password_allowed -> Bool,
        code_allowed -> Bool,
        google_allowed -> Bool,
        link_allowed -> Bool,
        shortest_password -> Int2,
        audit_days -> Nullable<Int2>,
        timezone -> Text,
        sections -> Array<Text>,
        show_empty_sections -> Bool,
        language -> Text,
        affiliate_target_url -> Nullable<Text>,
        frame_hosts -> Array<Text>,
        secondary_color -> Nullable<Text>,
        logo_url -> Nullable<Text>,
        logo_file -> Nullable<Text>,
        renamed_at -> Array<Timestamptz>,
        self_sign_up -> Bool,
    }
}

diesel::table! {
    account_logos (account_id) {
        account_id -> Uuid,
        png -> Bytea,
    }
}

diesel::table! {
    affiliate_clicks (account_id, affiliate_id, day, slot) {
        account_id -> Uuid,
        affiliate_id -> Uuid,
        day -> Date,
        slot -> Int2,
        clicks -> Int8,
    }
}

diesel::table! {
    affiliate_codes (account_id, code) {
        account_id -> Uuid,
        code -> Text,
        affiliate_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    affiliate_sales (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        affiliate_id -> Uuid,
        external_id -> Text,
        amount -> Int8,
        commission -> Int8,
        currency_code -> Text,
        status -> Text,
        recorded_status -> Text,
        paid_at -> Nullable<Timestamptz>,
        sold_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    affiliate_visitors (account_id, affiliate_id, visitor_hash) {
        account_id -> Uuid,
        affiliate_id -> Uuid,
        visitor_hash -> Bytea,
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    affiliates (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        contact_id -> Nullable<Uuid>,
        code -> Text,
        target_url -> Nullable<Text>,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    announcements (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        community_id -> Uuid,
        title -> Text,
        body -> Text,
        author -> Text,
        published_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    api_keys (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        name -> Text,
        secret_hash -> Bytea,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        created_by -> Text,
        hint -> Text,
    }
}

diesel::table! {
    attempts (account_id, target) {
        account_id -> Uuid,
        target -> Bytea,
        failed_count -> Int4,
        first_failed_at -> Timestamptz,
        last_failed_at -> Timestamptz,
        blocked_until -> Nullable<Timestamptz>,
        noted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_events (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        actor -> Text,
        contact_id -> Nullable<Uuid>,
        subject -> Nullable<Text>,
        outcome -> Text,
        detail -> Nullable<Jsonb>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    bulk_job_items (account_id, bulk_job_id, position) {
        account_id -> Uuid,
        bulk_job_id -> Uuid,
        position -> Int4,
        line -> Nullable<Int4>,
        contact_id -> Nullable<Uuid>,
        email -> Nullable<Text>,
        payload -> Nullable<Jsonb>,
        outcome -> Nullable<Text>,
        reason -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    bulk_jobs (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        status -> Text,
        plan -> Jsonb,
        reach -> Nullable<Uuid>,
        total_count -> Int4,
        done_count -> Int4,
        succeeded_count -> Int4,
        skipped_count -> Int4,
        failed_count -> Int4,
        requested_by -> Text,
        due_at -> Timestamptz,
        attempt_count -> Int4,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    challenges (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        audience -> Text,
        contact_id -> Nullable<Uuid>,
        email_key -> Text,
        section -> Text,
        magic_link_id -> Nullable<Uuid>,
        device_secret_hash -> Bytea,
        matching_number -> Text,
        mailed -> Bool,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        team_member_id -> Nullable<Uuid>,
        staff_link_id -> Nullable<Uuid>,
        by_code -> Bool,
        try_count -> Int2,
        superseded_at -> Nullable<Timestamptz>,
        opened_at -> Nullable<Timestamptz>,
        confirmed_at -> Nullable<Timestamptz>,
        confirmed_by -> Nullable<Uuid>,
        completed_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        sign_up_email -> Nullable<Text>,
    }
}

diesel::table! {
    communities (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        cover_url -> Nullable<Text>,
        join_url -> Nullable<Text>,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    contacts (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        phone -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        tags -> Array<Text>,
        timezone -> Nullable<Text>,
        locale -> Nullable<Text>,
        invited_at -> Nullable<Timestamptz>,
        first_invited_at -> Nullable<Timestamptz>,
        joined_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        status -> Int2,
        name_key -> Text,
        email_proved_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    course_modules (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        course_id -> Uuid,
        position -> Int4,
        title -> Text,
    }
}

diesel::table! {
    courses (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        cover_url -> Nullable<Text>,
        external_url -> Nullable<Text>,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    erased_opt_outs (account_id, address_hash) {
        account_id -> Uuid,
        address_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    erased_suppressions (account_id, address_hash) {
        account_id -> Uuid,
        address_hash -> Bytea,
        complained -> Bool,
        created_at -> Timestamptz,
        stopped -> Bool,
    }
}

diesel::table! {
    idempotency_keys (account_id, viewer_id, key_hash) {
        account_id -> Uuid,
        viewer_id -> Uuid,
        key_hash -> Bytea,
        request_hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        answer -> Nullable<Bytea>,
        answer_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identities (account_id, audience, issuer, subject) {
        account_id -> Uuid,
        audience -> Text,
        issuer -> Text,
        subject -> Text,
        holder_id -> Uuid,
        contact_id -> Nullable<Uuid>,
        team_member_id -> Nullable<Uuid>,
        email -> Text,
        linked_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    inbound_texts (account_id, provider_id) {
        account_id -> Uuid,
        provider_id -> Text,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    invitations (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        contact_id -> Uuid,
        section -> Text,
        note -> Nullable<Text>,
        invited_by -> Text,
        created_at -> Timestamptz,
        sent_count -> Int4,
        last_sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    lesson_progress (account_id, contact_id, lesson_id) {
        account_id -> Uuid,
        contact_id -> Uuid,
        lesson_id -> Uuid,
        course_id -> Uuid,
        started_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    lessons (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        course_id -> Uuid,
        module_id -> Uuid,
        position -> Int4,
        title -> Text,
        kind -> Text,
        body -> Nullable<Text>,
        url -> Nullable<Text>,
        duration_minutes -> Nullable<Int4>,
    }
}

diesel::table! {
    magic_link_secrets (account_id, secret_hash) {
        account_id -> Uuid,
        secret_hash -> Bytea,
        magic_link_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    magic_links (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        contact_id -> Uuid,
        purpose -> Text,
        origin -> Text,
        section -> Text,
        resource_id -> Nullable<Text>,
        limit_to_section -> Bool,
        staff_seen -> Bool,
        email_key -> Nullable<Text>,
        invitation_id -> Nullable<Uuid>,
        created_by -> Text,
        created_at -> Timestamptz,
        lifetime_seconds -> Int4,
        expires_at -> Timestamptz,
        redeem_count -> Int2,
        used_at -> Nullable<Timestamptz>,
        session_id -> Nullable<Uuid>,
        browser_hash -> Nullable<Bytea>,
        superseded_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        scanned_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    marketing_opt_outs (account_id, email_key) {
        account_id -> Uuid,
        email_key -> Text,
        created_at -> Timestamptz,
        message_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    menu_items (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        audience -> Text,
        position -> Int4,
        title -> Text,
        icon -> Text,
        section -> Nullable<Text>,
        url -> Nullable<Text>,
        opens_in -> Text,
        offer_id -> Nullable<Uuid>,
        course_id -> Nullable<Uuid>,
        community_id -> Nullable<Uuid>,
        minimum_role -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    smart_lists (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        name -> Text,
        conditions -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    message_days (account_id, day) {
        account_id -> Uuid,
        day -> Date,
        message_count -> Int8,
    }
}

diesel::table! {
    mailings (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        channel -> Text,
        format -> Text,
        subject -> Nullable<Text>,
        body -> Text,
        text_part -> Nullable<Text>,
        template_id -> Nullable<Uuid>,
        template_version -> Nullable<Int4>,
        uses_login_url -> Bool,
        requested_by -> Text,
        created_at -> Timestamptz,
        marketing -> Bool,
        quiet_from -> Nullable<Time>,
        quiet_until -> Nullable<Time>,
    }
}

diesel::table! {
    messages (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        contact_id -> Nullable<Uuid>,
        channel -> Text,
        kind -> Text,
        address -> Text,
        subject -> Nullable<Text>,
        magic_link_id -> Nullable<Uuid>,
        invitation_id -> Nullable<Uuid>,
        bulk_job_id -> Nullable<Uuid>,
        requested_by -> Text,
        status -> Text,
        priority -> Int2,
        attempt_count -> Int4,
        due_at -> Timestamptz,
        lease_owner -> Nullable<Uuid>,
        give_up_at -> Timestamptz,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        team_member_id -> Nullable<Uuid>,
        about -> Nullable<Uuid>,
        not_me_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    offer_items (account_id, offer_id, item_id) {
        account_id -> Uuid,
        offer_id -> Uuid,
        item_id -> Uuid,
        course_id -> Nullable<Uuid>,
        community_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    offers (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        starts_at -> Nullable<Timestamptz>,
        duration_days -> Nullable<Int4>,
        lists_before_start -> Bool,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    password_resets (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        audience -> Text,
        contact_id -> Nullable<Uuid>,
        team_member_id -> Nullable<Uuid>,
        email_key -> Text,
        secret_hash -> Bytea,
        mailed -> Bool,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    passwords (account_id, holder_id) {
        account_id -> Uuid,
        holder_id -> Uuid,
        contact_id -> Nullable<Uuid>,
        team_member_id -> Nullable<Uuid>,
        hash -> Text,
        set_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    portal_views (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        team_member_id -> Uuid,
        session_id -> Uuid,
        contact_id -> Uuid,
        link_hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        opened_at -> Nullable<Timestamptz>,
        cookie_hash -> Nullable<Bytea>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    refresh_tokens (account_id, token_hash) {
        account_id -> Uuid,
        token_hash -> Bytea,
        session_id -> Uuid,
        generation -> Int4,
        issued_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        rotated_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    revocations (account_id, subject, at) {
        account_id -> Uuid,
        subject -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    sending_domains (account_id) {
        account_id -> Uuid,
        domain -> Text,
        selector -> Text,
        sealed_key -> Bytea,
        public_key -> Text,
        status -> Text,
        problem -> Nullable<Text>,
        found -> Jsonb,
        waiting_since -> Timestamptz,
        checked_at -> Nullable<Timestamptz>,
        verified_at -> Nullable<Timestamptz>,
        next_check_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sessions (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        audience -> Text,
        contact_id -> Nullable<Uuid>,
        team_member_id -> Nullable<Uuid>,
        section -> Nullable<Text>,
        method -> Text,
        staff_seen -> Bool,
        cookie_hash -> Nullable<Bytea>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        first_used_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        magic_link_id -> Nullable<Uuid>,
        challenge_id -> Nullable<Uuid>,
        device_hash -> Nullable<Bytea>,
        proved_at -> Nullable<Timestamptz>,
        email_key -> Nullable<Text>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        sealed -> Bytea,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    staff_links (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        team_member_id -> Uuid,
        secret_hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        challenge_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    suppressions (account_id, email_key) {
        account_id -> Uuid,
        email_key -> Text,
        reason -> Text,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    system_emails (account_id, kind, language) {
        account_id -> Uuid,
        kind -> Text,
        language -> Text,
        subject -> Text,
        body -> Text,
        updated_at -> Timestamptz,
        updated_by -> Text,
    }
}

diesel::table! {
    team_members (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        email -> Text,
        email_key -> Text,
        name -> Nullable<Text>,
        role -> Text,
        created_at -> Timestamptz,
        removed_at -> Nullable<Timestamptz>,
        invited_by -> Text,
        joined_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    template_versions (account_id, template_id, version) {
        account_id -> Uuid,
        template_id -> Uuid,
        version -> Int4,
        format -> Text,
        subject -> Nullable<Text>,
        body -> Text,
        text_part -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    templates (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        name -> Text,
        name_key -> Text,
        channel -> Text,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    test_messages (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        team_member_id -> Uuid,
        format -> Text,
        subject -> Text,
        body -> Text,
        text_part -> Nullable<Text>,
        contact_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    used_id_tokens (account_id, token_hash) {
        account_id -> Uuid,
        token_hash -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    workflow_events (account_id, event_id) {
        account_id -> Uuid,
        event_id -> Uuid,
        position -> Int8,
        contact_id -> Uuid,
        kind -> Text,
        subject -> Nullable<Text>,
        detail -> Nullable<Jsonb>,
        at -> Timestamptz,
        generation -> Int4,
    }
}

diesel::table! {
    workflow_runs (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        workflow_id -> Uuid,
        version -> Int4,
        contact_id -> Uuid,
        event_id -> Uuid,
        trigger -> Text,
        subject_id -> Nullable<Uuid>,
        status -> Text,
        step_key -> Text,
        visit -> Int4,
        step_count -> Int4,
        due_at -> Nullable<Timestamptz>,
        waiting -> Bool,
        waits_for -> Nullable<Text>,
        waits_after -> Nullable<Int8>,
        woken -> Bool,
        resting -> Bool,
        generation -> Int4,
        attempt_count -> Int4,
        last_error -> Nullable<Text>,
        started_at -> Timestamptz,
        begun_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
        steps_deleted -> Bool,
    }
}

diesel::table! {
    workflow_step_counts (account_id, workflow_id, step_key, outcome) {
        account_id -> Uuid,
        workflow_id -> Uuid,
        step_key -> Text,
        outcome -> Text,
        count -> Int8,
    }
}

diesel::table! {
    workflow_steps (account_id, run_id, step_key, visit) {
        account_id -> Uuid,
        run_id -> Uuid,
        step_key -> Text,
        visit -> Int4,
        position -> Int4,
        outcome -> Nullable<Text>,
        reason -> Nullable<Text>,
        message_id -> Nullable<Uuid>,
        entered_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    workflow_timers (account_id, workflow_id, trigger, days) {
        account_id -> Uuid,
        workflow_id -> Uuid,
        trigger -> Text,
        days -> Int4,
        checked_until -> Timestamptz,
    }
}

diesel::table! {
    workflow_triggers (account_id, event_kind, workflow_id) {
        account_id -> Uuid,
        event_kind -> Text,
        workflow_id -> Uuid,
    }
}

diesel::table! {
    workflow_versions (account_id, workflow_id, version) {
        account_id -> Uuid,
        workflow_id -> Uuid,
        version -> Int4,
        definition -> Jsonb,
        mailings -> Jsonb,
        published_at -> Timestamptz,
        published_by -> Text,
    }
}

diesel::table! {
    workflows (account_id, id) {
        account_id -> Uuid,
        id -> Uuid,
        name -> Text,
        status -> Text,
        definition -> Jsonb,
        published_version -> Nullable<Int4>,
        keeps_events -> Bool,
        paused_at -> Nullable<Timestamptz>,
        skips_until -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        updated_by -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(access_grants, account_counts, account_seen_days, account_slugs, accounts, affiliate_clicks, affiliate_codes, affiliate_sales, affiliate_visitors, affiliates, announcements, api_keys, attempts, audit_events, bulk_job_items, bulk_jobs, challenges, communities, contacts, course_modules, courses, erased_opt_outs, erased_suppressions, idempotency_keys, identities, inbound_texts, invitations, lesson_progress, lessons, magic_link_secrets, magic_links, mailings, marketing_opt_outs, menu_items, message_days, messages, offer_items, offers, password_resets, passwords, portal_views, refresh_tokens, revocations, sending_domains, sessions, signing_keys, staff_links, suppressions, system_emails, team_members, template_versions, templates, test_messages, used_id_tokens, workflow_events, workflow_runs, workflow_step_counts, workflow_steps, workflow_timers, workflow_triggers, workflow_versions, workflows);
