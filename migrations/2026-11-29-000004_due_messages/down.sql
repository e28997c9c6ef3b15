drop index messages_due;
