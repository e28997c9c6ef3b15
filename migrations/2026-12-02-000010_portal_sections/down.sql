alter table accounts drop column sections, drop column show_empty_sections;
