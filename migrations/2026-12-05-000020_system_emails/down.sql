drop table system_emails;
