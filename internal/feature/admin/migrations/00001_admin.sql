-- +goose Up
-- What the hotline says of itself: one row for all languages (lang = '') and
-- one for each. body is JSON, version counts its changes.
CREATE TABLE admin_facts (
    agency  TEXT NOT NULL,
    lang    TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    staff   TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (agency, lang)
);

-- Every version, with who made it and when.
CREATE TABLE admin_facts_history (
    agency  TEXT NOT NULL,
    lang    TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    staff   TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (agency, lang, version)
);
CREATE INDEX admin_facts_history_by_time ON admin_facts_history (agency, changed);
