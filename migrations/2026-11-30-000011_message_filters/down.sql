drop index messages_of_kind;
drop index messages_by_address;
