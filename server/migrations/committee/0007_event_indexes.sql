-- The record is read newest first: what happened to one thing, and what one account did.
CREATE INDEX event_of_subject ON event (subject, id);
CREATE INDEX event_of_account ON event (account, id);
