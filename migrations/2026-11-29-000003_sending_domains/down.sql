drop table sending_domains;
