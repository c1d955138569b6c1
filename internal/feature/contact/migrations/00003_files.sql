-- +goose Up
-- A file is in the store, sealed. Here is its key; what it has to be stands in its line of the conversation.
ALTER TABLE contacts ADD COLUMN files BIGINT NOT NULL DEFAULT 0; -- how many there ever were

CREATE TABLE contact_files (
    contact TEXT NOT NULL,
    n       BIGINT NOT NULL, -- as people call it: picture 1, file 2
    agency  TEXT NOT NULL,
    seq     BIGINT NOT NULL, -- its line
    blob    TEXT NOT NULL,   -- its name in the store
    size    BIGINT NOT NULL, -- of the sealed bytes, as the disk shows too
    digest  TEXT NOT NULL,   -- likewise, so that a backup finds what the disk lost
    by_key  BIGINT NOT NULL, -- 1: sealed under the record's key; 0: to its public half
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (contact, n)
);

-- What is in the store and in no contact: on its way in, or on its way out.
CREATE TABLE contact_blobs (
    blob   TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    due    BIGINT NOT NULL -- from when on it is removed
);
CREATE INDEX contact_blobs_by_time ON contact_blobs (due);
