-- +goose Up
CREATE TABLE staff (
    id          TEXT PRIMARY KEY,
    agency      TEXT NOT NULL,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL, -- what is alike to the eye is one name
    role        TEXT NOT NULL,
    language    TEXT NOT NULL,
    public_key  BYTEA NOT NULL,
    cost        TEXT NOT NULL,
    sealed_seed BYTEA NOT NULL,
    created     BIGINT NOT NULL,
    disabled    BIGINT NOT NULL,
    fresh       BIGINT NOT NULL, -- the pass phrase was made by somebody else
    UNIQUE (agency, name_key)
);

-- A session holds the colleague's key sealed under the cookie, or nothing
-- while it is locked.
CREATE TABLE staff_sessions (
    token_hash  TEXT PRIMARY KEY,
    agency      TEXT NOT NULL,
    staff       TEXT NOT NULL REFERENCES staff (id),
    presence    TEXT NOT NULL,
    created     BIGINT NOT NULL,
    seen        BIGINT NOT NULL,
    sealed_seed BYTEA
);
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff);
