drop table portal_views;
