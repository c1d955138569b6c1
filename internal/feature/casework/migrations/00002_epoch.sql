-- +goose Up
-- What is sealed says itself of which of the contact's keys it is.
ALTER TABLE referrals DROP COLUMN epoch;
