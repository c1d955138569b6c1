-- +goose Up

-- What became different at which revision, so that an index in memory follows
-- changes instead of reading everything anew. Revisions are in the order of
-- commits. 0 is a change whose transaction has not ended yet. Old ones are
-- dropped: who misses one reads everything.
CREATE TABLE directory_change (
    agency   TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    PRIMARY KEY (agency, revision, kind, id)
);

-- +goose Down
DROP TABLE directory_change;
