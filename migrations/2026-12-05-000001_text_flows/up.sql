-- Emails wait by the recipient's domain; the text messages of an account wait together.
drop index messages_due_flows;
create index messages_due_flows on messages
    (priority, account_id, (case channel when 'EMAIL' then split_part(address, '@', -1) else 'SMS' end), due_at)
    where status in ('QUEUED', 'DEFERRED', 'SENDING');
