-- Always empty. A readiness check truncates it and writes a row, which makes a new file and takes a block of the disk, and rolls
-- both back.
create table write_probe (filled boolean not null);
