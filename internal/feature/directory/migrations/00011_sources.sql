-- +goose Up

-- What a source says of a record that another source gave: the fields that are
-- compared, and no more. at is when it last said something else.
CREATE TABLE directory_said (
    agency TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    id     TEXT   NOT NULL,
    source TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    doc    TEXT   NOT NULL,
    PRIMARY KEY (agency, kind, id, source)
);
CREATE INDEX directory_said_source ON directory_said (agency, source);

-- The records of which sources say different things, with the fields, until
-- somebody decides.
CREATE TABLE directory_conflict (
    agency TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    id     TEXT   NOT NULL,
    since  BIGINT NOT NULL,
    fields TEXT   NOT NULL,
    PRIMARY KEY (agency, kind, id)
);
CREATE INDEX directory_conflict_since ON directory_conflict (agency, since, id);

CREATE INDEX directory_merge_kept ON directory_merge (agency, kind, kept);

-- Which source goes before which; 1 is the first, 0 has no place yet.
ALTER TABLE directory_source ADD COLUMN place BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE directory_source DROP COLUMN place;
DROP INDEX directory_merge_kept;
DROP TABLE directory_conflict;
DROP TABLE directory_said;
