alter table magic_links drop column scanned_at;
