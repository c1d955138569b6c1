-- +goose Up
-- Which contacts are decoys, sealed to each supervisor by themselves. A row
-- names no contact, and a contact does not show that there is one of it.
CREATE TABLE contact_decoys (
    id     TEXT NOT NULL,
    staff  TEXT NOT NULL,
    agency TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (id, staff)
);
CREATE INDEX contact_decoys_by_staff ON contact_decoys (agency, staff, id);
