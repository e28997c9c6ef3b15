drop table smart_lists;
