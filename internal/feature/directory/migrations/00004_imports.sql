-- +goose Up

-- Each import that wrote something. undo says whether it can still be taken
-- back: the newest of its source, unless it had to do with hidden places.
CREATE TABLE directory_import (
    agency  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_whom TEXT   NOT NULL,
    added   BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    found   BIGINT NOT NULL,
    undo    BIGINT NOT NULL,
    undone  BIGINT NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX directory_import_at ON directory_import (agency, at);

-- What the newest import of a source changed or took away, as it was before.
CREATE TABLE directory_before (
    agency TEXT NOT NULL,
    import TEXT NOT NULL,
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    was    TEXT NOT NULL,
    sealed BYTEA,
    PRIMARY KEY (agency, import, kind, id)
);

-- Two records that are one. gone stays as it was, and is not offered any more;
-- before is what the merge changed, so that it can be taken back.
CREATE TABLE directory_merge (
    agency  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    kept    TEXT   NOT NULL,
    gone    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_whom TEXT   NOT NULL,
    before  TEXT   NOT NULL,
    undone  BIGINT NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX directory_merge_gone ON directory_merge (agency, kind, gone);

-- +goose Down
DROP TABLE directory_merge;
DROP TABLE directory_before;
DROP TABLE directory_import;
