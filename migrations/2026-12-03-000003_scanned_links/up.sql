-- When something that is probably a mail scanner last opened the link's page, as far as it was recorded.
alter table magic_links add column scanned_at timestamptz;
