-- When a try that was not even compared was last written into the audit log: once for each wait, however many there are.
alter table attempts add column noted_at timestamptz;
