-- +goose Up

-- One HSDS record with everything that lives inside it. doc is what the source
-- says, untouched; overlay is what our curators changed since, so that reading
-- the source again changes nothing of theirs. sealed holds what a confidential
-- location may not show.
CREATE TABLE directory_record (
    agency       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    organization TEXT   NOT NULL,
    source       TEXT   NOT NULL,
    original     TEXT   NOT NULL,
    doc          TEXT   NOT NULL,
    overlay      TEXT   NOT NULL,
    sealed       BYTEA,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    PRIMARY KEY (agency, kind, id)
);
CREATE INDEX directory_record_source ON directory_record (agency, source);

-- What each source is about, for rows that do not say in which country they are.
CREATE TABLE directory_source (
    agency   TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    country  TEXT   NOT NULL,
    region   TEXT   NOT NULL,
    imported BIGINT NOT NULL,
    PRIMARY KEY (agency, source)
);

-- The newest verification of a service. No row: never verified.
CREATE TABLE directory_check (
    agency  TEXT   NOT NULL,
    service TEXT   NOT NULL,
    by_whom TEXT   NOT NULL,
    how     TEXT   NOT NULL,
    checked BIGINT NOT NULL,
    due     BIGINT NOT NULL,
    hide    BIGINT NOT NULL,
    PRIMARY KEY (agency, service)
);

CREATE TABLE directory_history (
    agency  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    service TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    action  TEXT   NOT NULL,
    by_whom TEXT   NOT NULL,
    how     TEXT   NOT NULL,
    staff   TEXT   NOT NULL,
    due     BIGINT NOT NULL,
    detail  TEXT   NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX directory_history_service ON directory_history (agency, service, at);

-- Counts changes, so that any node sees that its index is old.
CREATE TABLE directory_revision (
    agency   TEXT   NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);

-- +goose Down
DROP TABLE directory_revision;
DROP TABLE directory_history;
DROP TABLE directory_check;
DROP TABLE directory_source;
DROP TABLE directory_record;
