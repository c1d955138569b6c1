-- +goose Up
-- Retention counts from the month in which a contact was closed, and no finer
-- time of that stays in clear. For one that was closed before, the first
-- nightly look puts in the month of that look.
ALTER TABLE contacts ADD COLUMN closed BIGINT NOT NULL DEFAULT 0; -- the month; 0: never, or not known
ALTER TABLE contacts ADD COLUMN gone BIGINT NOT NULL DEFAULT 0;   -- what was deleted since it was closed last; see Part
CREATE INDEX contacts_closed ON contacts (agency, state, closed, id);
