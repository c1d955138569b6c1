-- +goose Up
-- How long what is kept, as an administrator has set it. No row: nothing is
-- deleted by rule.
CREATE TABLE retention_terms (
    agency  TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    staff   TEXT NOT NULL,
    body    TEXT NOT NULL
);

-- What must not be deleted. One that has ended stays a while: what it held
-- gets its notice anew.
CREATE TABLE retention_holds (
    id      TEXT PRIMARY KEY,
    agency  TEXT NOT NULL,
    contact TEXT NOT NULL,
    staff   TEXT NOT NULL,
    since   BIGINT NOT NULL, -- the day
    until   BIGINT NOT NULL, -- 0: until somebody ends it
    sealed  BYTEA NOT NULL   -- why
);
CREATE INDEX retention_holds_by_contact ON retention_holds (agency, contact);

-- Who asked us to delete what they told us.
CREATE TABLE retention_requests (
    contact TEXT PRIMARY KEY,
    agency  TEXT NOT NULL,
    asked   BIGINT NOT NULL, -- the day after
    state   TEXT NOT NULL,   -- asked, confirmed, declined
    staff   TEXT NOT NULL    -- who confirmed or declined it
);
CREATE INDEX retention_requests_by_state ON retention_requests (agency, state, asked, contact);

-- What was deleted, as numbers: of a run that goes on, and of those that ended.
CREATE TABLE retention_runs (
    id     TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    began  BIGINT NOT NULL,
    ended  BIGINT NOT NULL, -- 0: it goes on
    note   TEXT NOT NULL    -- the certificate
);
CREATE TABLE retention_counts (
    run    TEXT NOT NULL,
    kind   TEXT NOT NULL,
    part   TEXT NOT NULL,
    days   BIGINT NOT NULL, -- of the rule; -1: the person asked
    agency TEXT NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (run, kind, part, days)
);
