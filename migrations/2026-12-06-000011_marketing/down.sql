drop trigger contacts_moved_opted_out on contacts;
drop trigger contacts_inserted_opted_out on contacts;
drop function carry_opt_out();
drop function restore_opt_outs();
drop table erased_opt_outs;
drop table marketing_opt_outs;
-- No earlier release knows whom not to send marketing emails, or when.
update messages m set status = 'CANCELLED' from mailings g
where m.account_id = g.account_id and m.about = g.id and m.kind = 'WRITTEN' and m.status in ('QUEUED', 'DEFERRED')
    and (g.marketing or g.quiet_from is not null);
alter table mailings drop column marketing, drop column quiet_from, drop column quiet_until;
