-- +goose Up
-- Which account at the organisation's own provider (OpenID Connect) is whose: a MAC
-- under the client's secret, which is not in the database.
CREATE TABLE staff_identities (
    staff   TEXT PRIMARY KEY,
    agency  TEXT NOT NULL,
    mark    TEXT NOT NULL,
    created BIGINT NOT NULL,
    used    BIGINT NOT NULL,
    UNIQUE (agency, mark)
);

-- The roles for which the provider takes the place of the code, as JSON.
ALTER TABLE staff_rules ADD COLUMN identity_roles TEXT NOT NULL DEFAULT '[]';

-- What a session was begun or last unlocked with, besides a pass phrase.
ALTER TABLE staff_sessions ADD COLUMN way TEXT NOT NULL DEFAULT '';
