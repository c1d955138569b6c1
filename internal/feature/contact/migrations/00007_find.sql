-- +goose Up
-- A search walks back from the newest, among the groups whose keys one holds.
CREATE INDEX contacts_by_time ON contacts (agency, arrived, id, key_group);
