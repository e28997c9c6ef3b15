delete from messages where kind = 'TEST';
drop table test_messages;
do $$
declare
    kinds text := (select pg_get_expr(conbin, conrelid) from pg_constraint
        where conname = 'messages_kind_check' and conrelid = 'messages'::regclass);
begin
    alter table messages drop constraint messages_kind_check;
    execute format('alter table messages add constraint messages_kind_check check (%s and kind <> ''TEST'')', kinds);
end $$;
