drop index contacts_by_phone;
