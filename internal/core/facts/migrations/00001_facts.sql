-- +goose Up
-- Facts as page.go keeps them. No column tells one contact from another.
CREATE TABLE facts (
    agency TEXT NOT NULL,
    kind   TEXT NOT NULL,
    month  TEXT NOT NULL,
    page   TEXT NOT NULL,
    lines  TEXT NOT NULL,
    PRIMARY KEY (agency, kind, month, page)
);

-- How often a month was corrected.
CREATE TABLE facts_revision (
    agency   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    month    TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (agency, kind, month)
);
