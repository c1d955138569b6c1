-- +goose Up
-- The index key of each epoch: its public half, and of which key of the group
-- it was made. The key itself is a record of the keyring.
CREATE TABLE blind_keys (
    agency      TEXT NOT NULL,
    epoch       BIGINT NOT NULL,
    record      TEXT NOT NULL,
    group_id    TEXT NOT NULL,
    group_epoch BIGINT NOT NULL,
    public_key  BYTEA NOT NULL,
    PRIMARY KEY (agency, epoch)
);

-- What was named and is not in the index yet, sealed to the index key's public
-- half. Its rows are of one size, and gone once they are linked.
CREATE TABLE blind_waiting (
    record TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    epoch  BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX blind_waiting_order ON blind_waiting (agency, at, record);

-- The marks of a record, sealed: one row of one size, also where there is no mark.
CREATE TABLE blind_marks (
    record TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    epoch  BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX blind_marks_epoch ON blind_marks (agency, epoch, record);

-- Which records changed in the last minutes, for the other nodes.
CREATE TABLE blind_news (
    agency TEXT NOT NULL,
    seq    BIGINT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (agency, seq)
);
