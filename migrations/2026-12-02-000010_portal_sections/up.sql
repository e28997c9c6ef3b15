-- Which sections the portal has, the home page always; and whether it also shows those in which a contact has nothing.
alter table accounts
    add column sections text[] not null default '{HOME,COURSES,COMMUNITIES,AFFILIATES}'
        check (sections <@ '{HOME,COURSES,COMMUNITIES,AFFILIATES}' and 'HOME' = any (sections)),
    add column show_empty_sections boolean not null default false;
