-- +goose Up
-- What was written with a deed and stands in no order yet.
CREATE TABLE audit_pending (
    id     TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    book   TEXT NOT NULL, -- whose key it is sealed under
    tag    BYTEA NOT NULL,
    sealed BYTEA NOT NULL
);

-- The log. seq counts from 0 without gaps.
CREATE TABLE audit_entries (
    agency TEXT NOT NULL,
    seq    BIGINT NOT NULL,
    id     TEXT NOT NULL,
    book   TEXT NOT NULL,
    tag    BYTEA NOT NULL, -- finds a record's entries, for who has its key
    sealed BYTEA NOT NULL,
    hashes BYTEA NOT NULL, -- of the tree, as far as this entry completes it
    PRIMARY KEY (agency, seq)
);
CREATE INDEX audit_by_tag ON audit_entries (agency, tag, seq);

-- The head of each agency's log, signed, and the key that signs it.
CREATE TABLE audit_logs (
    agency   TEXT PRIMARY KEY,
    verifier TEXT NOT NULL,
    signer   TEXT NOT NULL,
    head     TEXT NOT NULL
);
