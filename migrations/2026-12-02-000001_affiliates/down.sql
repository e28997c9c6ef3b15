drop table affiliate_sales;
drop table affiliate_clicks;
drop table affiliate_visitors;
drop table affiliate_codes;
drop table affiliates;
alter table accounts drop column affiliate_target_url;
