drop table write_probe;
