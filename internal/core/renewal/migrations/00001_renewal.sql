-- +goose Up
-- How far the renewal of a group's records is. epoch is the group's key for
-- which it is made: a group that has a newer one begins anew.
CREATE TABLE renewals (
    agency    TEXT NOT NULL,
    key_group TEXT NOT NULL,
    kind      TEXT NOT NULL,
    epoch     BIGINT NOT NULL,
    reached   TEXT NOT NULL,   -- the last that was looked at
    done      BIGINT NOT NULL,
    total     BIGINT NOT NULL,
    left_over BIGINT NOT NULL, -- those that who went through them could not open
    tried     TEXT NOT NULL,   -- who left some
    finished  BIGINT NOT NULL, -- when all were renewed; 0: not yet
    PRIMARY KEY (agency, key_group, kind)
);
