-- +goose Up
-- The officers among whom the recovery key is shared. made is 0 while they are
-- being asked; an agency has at most one of each kind.
CREATE TABLE quorum_sets (
    id        TEXT PRIMARY KEY,
    agency    TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    asked     BIGINT NOT NULL,
    made      BIGINT NOT NULL
);

-- An officer's share is sealed to the key that they had when they accepted.
-- The commitment is a hash that only the right share has.
CREATE TABLE quorum_officers (
    agency     TEXT NOT NULL,
    set_id     TEXT NOT NULL,
    number     BIGINT NOT NULL,
    staff      TEXT NOT NULL,
    answer     TEXT NOT NULL, -- '', 'accepted', 'declined'
    key_hash   BYTEA,
    printed    BIGINT NOT NULL,
    commitment BYTEA,
    sealed     BYTEA,
    PRIMARY KEY (set_id, number)
);

-- A use of the shares for one account, bound to the key that it had then.
CREATE TABLE quorum_requests (
    id          TEXT PRIMARY KEY,
    agency      TEXT NOT NULL,
    set_id      TEXT NOT NULL,
    account     TEXT NOT NULL,
    account_key BYTEA NOT NULL,
    asked_by    TEXT NOT NULL,
    why         TEXT NOT NULL, -- a code
    asked       BIGINT NOT NULL,
    state       TEXT NOT NULL, -- 'open', 'done', 'cancelled', 'expired', 'failed'
    ended       BIGINT NOT NULL,
    ended_by    TEXT NOT NULL,
    public_key  BYTEA,           -- of whoever combines: the other half is in the memory of one server
    held        BIGINT NOT NULL  -- when that server said last that it is there
);
CREATE INDEX quorum_requests_by_state ON quorum_requests (agency, state, asked);

-- What officers gave for a request, sealed to its key.
CREATE TABLE quorum_releases (
    agency  TEXT NOT NULL,
    request TEXT NOT NULL,
    number  BIGINT NOT NULL,
    sealed  BYTEA NOT NULL,
    PRIMARY KEY (request, number)
);
