-- +goose Up
-- What a colleague proves besides their pass phrase. The secret is sealed under
-- their own key, so the server alone cannot make a code.
CREATE TABLE staff_second (
    staff     TEXT PRIMARY KEY,
    agency    TEXT NOT NULL,
    sealed    BYTEA NOT NULL,
    created   BIGINT NOT NULL,
    last_step BIGINT NOT NULL -- of the last code that counted; a code counts once
);

-- Codes for who has lost their authenticator, as a MAC under their own key.
CREATE TABLE staff_recovery_codes (
    agency TEXT NOT NULL,
    staff  TEXT NOT NULL,
    mac    TEXT NOT NULL,
    PRIMARY KEY (staff, mac)
);

-- Who has given the right pass phrase and not the second step yet. It is no
-- session: it opens nothing, and ends within minutes.
CREATE TABLE staff_halfway (
    token_hash  TEXT PRIMARY KEY,
    agency      TEXT NOT NULL,
    staff       TEXT NOT NULL,
    created     BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    sealed_seed BYTEA NOT NULL
);
CREATE INDEX staff_halfway_by_staff ON staff_halfway (staff);

-- The roles that must have a second step, as JSON.
CREATE TABLE staff_rules (
    agency       TEXT PRIMARY KEY,
    second_roles TEXT NOT NULL
);
