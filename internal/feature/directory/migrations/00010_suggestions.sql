-- +goose Up

-- What the public says is wrong, of a service or, with none, of the directory.
-- at is coarse; sealed are words, which may be about the person who wrote them.
-- held: it is about a confidential place. decided is 0 while it waits.
CREATE TABLE directory_suggestion (
    agency   TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    service  TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    held     BIGINT NOT NULL,
    sealed   BYTEA,
    decided  BIGINT NOT NULL,
    decision TEXT   NOT NULL,
    by_whom  TEXT   NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX directory_suggestion_service ON directory_suggestion (agency, service, decided);

-- +goose Down
DROP TABLE directory_suggestion;
