-- +goose Up
-- Who said why, and until when that holds. The mark is an HMAC that only the
-- session itself can make, so this names neither colleague nor contact.
CREATE TABLE contact_outside (
    mark   TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    until  BIGINT NOT NULL
);
CREATE INDEX contact_outside_by_time ON contact_outside (until);
