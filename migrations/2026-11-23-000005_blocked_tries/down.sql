alter table attempts drop column noted_at;
