-- When a blocked attempt was last logged: once for each wait.
alter table attempts add column noted_at timestamptz;
