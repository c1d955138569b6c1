-- +goose Up
-- A passkey opens the colleague's key a second way: sealed_seed is under what the
-- passkey's PRF gives, which the server sees only while somebody signs in.
CREATE TABLE staff_passkeys (
    id          TEXT PRIMARY KEY,
    agency      TEXT NOT NULL,
    staff       TEXT NOT NULL,
    browser     TEXT NOT NULL,
    created     BIGINT NOT NULL,
    used        BIGINT NOT NULL,
    credential  TEXT NOT NULL, -- its public half, as JSON
    sealed_seed BYTEA NOT NULL
);
CREATE INDEX staff_passkeys_by_staff ON staff_passkeys (staff);

-- What a passkey is asked to sign. Each is asked once, within minutes.
CREATE TABLE staff_challenges (
    token_hash TEXT PRIMARY KEY,
    agency     TEXT NOT NULL,
    created    BIGINT NOT NULL,
    session    TEXT NOT NULL -- as JSON
);
