-- Numbers with a country code and separators become E.164. What can't be read stays: nothing is sent to it.
update contacts set phone = '+' || regexp_replace(replace(phone, '(0)', ''), '[^0-9]', '', 'g')
where phone !~ '^\+[1-9][0-9]{6,14}$' and phone ~ '^\s*\+[0-9 ()./-]+\s*$'
    and regexp_replace(replace(phone, '(0)', ''), '[^0-9]', '', 'g') ~ '^[1-9][0-9]{6,14}$';

-- Whose number a reply comes from, in any account.
create index contacts_by_phone on contacts (phone, account_id) where phone is not null;
