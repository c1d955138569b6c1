-- +goose Up
CREATE TABLE key_groups (
    id         TEXT PRIMARY KEY,
    agency     TEXT NOT NULL,
    name       TEXT NOT NULL,
    epoch      BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    UNIQUE (agency, name)
);

-- Who can open what. owner is a group or a record; without its wraps a
-- record is unreadable, which is how it is shredded.
CREATE TABLE key_wraps (
    agency    TEXT NOT NULL,
    owner     TEXT NOT NULL,
    epoch     BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    sealed    BYTEA NOT NULL,
    PRIMARY KEY (owner, epoch, recipient)
);
