drop table menu_items;
alter table accounts drop column frame_hosts;
