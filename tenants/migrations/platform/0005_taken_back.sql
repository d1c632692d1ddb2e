-- Phones keep the newest version of a roll or of an assignment that they have heard. A committee that goes back to an
-- earlier state counts its versions to phones from here on, which is above all they can have heard (server/versions.py).
ALTER TABLE platform.committee ADD COLUMN versions_from bigint NOT NULL DEFAULT 0;
