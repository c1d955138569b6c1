-- +goose Up
-- Which family of browser a session is in, as a code. It is for its owner, to
-- tell one of their sessions from another.
ALTER TABLE staff_sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';

-- Browsers in which somebody has signed in before. Who comes from one of their
-- own does not wait behind strangers.
CREATE TABLE staff_browsers (
    hash    TEXT NOT NULL,
    agency  TEXT NOT NULL,
    staff   TEXT NOT NULL,
    seen    BIGINT NOT NULL,
    PRIMARY KEY (hash, staff)
);
CREATE INDEX staff_browsers_by_staff ON staff_browsers (staff);
