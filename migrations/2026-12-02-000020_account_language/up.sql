-- The language of pages and emails for readers whose own is not known.
alter table accounts add column language text not null default 'en'
    constraint accounts_language_check check (language in ('en', 'es', 'de', 'fr'));
