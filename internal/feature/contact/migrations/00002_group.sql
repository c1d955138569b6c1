-- +goose Up
-- Which group opens the contact; nothing is the intake group.
ALTER TABLE contacts ADD COLUMN key_group TEXT NOT NULL DEFAULT '';
