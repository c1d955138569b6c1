-- +goose Up
-- What the queue needs is in clear; all else is sealed.
CREATE TABLE contacts (
    id            TEXT PRIMARY KEY,
    agency        TEXT NOT NULL,
    state         TEXT NOT NULL,
    severity      BIGINT NOT NULL,
    channel       TEXT NOT NULL,
    language      TEXT NOT NULL,
    arrived       BIGINT NOT NULL, -- since when it waits; the month once closed
    taken_by      TEXT NOT NULL,
    taken         BIGINT NOT NULL,
    unread        BIGINT NOT NULL, -- lines of theirs since our last look
    last_seq      BIGINT NOT NULL,
    epoch         BIGINT NOT NULL,
    public_key    BYTEA NOT NULL,
    mailbox       TEXT NOT NULL,   -- look-up part of the code, or nothing
    sealed_intake BYTEA NOT NULL,
    sealed_record BYTEA
);
CREATE INDEX contacts_queue ON contacts (agency, state, severity, arrived, id);
CREATE INDEX contacts_mine ON contacts (agency, taken_by, state, arrived, id);

CREATE TABLE contact_messages (
    contact TEXT NOT NULL,
    seq     BIGINT NOT NULL,
    agency  TEXT NOT NULL,
    by_key  BIGINT NOT NULL, -- 1: sealed under the record's key; 0: to its public half
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (contact, seq)
);

CREATE TABLE contact_drafts (
    contact TEXT NOT NULL,
    staff   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    agency  TEXT NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (contact, staff, kind)
);

-- What a code opens: replies, and that something was sent. Never the story.
CREATE TABLE mailboxes (
    lookup     TEXT PRIMARY KEY,
    agency     TEXT NOT NULL,
    contact    TEXT NOT NULL,
    cost       TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    last_seq   BIGINT NOT NULL
);

CREATE TABLE mailbox_items (
    mailbox TEXT NOT NULL,
    seq     BIGINT NOT NULL,
    agency  TEXT NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (mailbox, seq)
);

-- A repeated request gets the same answer. Only a hash of its key is kept.
CREATE TABLE contact_requests (
    key_hash TEXT PRIMARY KEY,
    agency   TEXT NOT NULL,
    mailbox  TEXT NOT NULL,
    at       BIGINT NOT NULL,
    sealed   BYTEA
);
CREATE INDEX contact_requests_by_time ON contact_requests (at);
CREATE INDEX contact_requests_by_mailbox ON contact_requests (mailbox);
