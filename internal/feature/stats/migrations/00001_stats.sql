-- +goose Up
-- Months as they were published. What was published does not change, and the
-- exact figures of that moment decide whether a later version can be.
CREATE TABLE stats_releases (
    agency   TEXT NOT NULL,
    month    TEXT NOT NULL,
    revision BIGINT NOT NULL,
    released BIGINT NOT NULL,
    public   TEXT NOT NULL,
    exact    TEXT NOT NULL,
    PRIMARY KEY (agency, month, revision)
);
