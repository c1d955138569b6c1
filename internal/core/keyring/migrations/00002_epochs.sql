-- +goose Up
-- The public half of each of a group's keys: that of now, and those that
-- opened what came in before somebody left.
CREATE TABLE key_epochs (
    agency     TEXT NOT NULL,
    owner      TEXT NOT NULL,
    epoch      BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    PRIMARY KEY (owner, epoch)
);
INSERT INTO key_epochs (agency, owner, epoch, public_key) SELECT agency, id, epoch, public_key FROM key_groups;
