-- +goose Up
CREATE TABLE audit_entries (
    id     TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    at     BIGINT NOT NULL,
    staff  TEXT NOT NULL,
    action TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX audit_by_record ON audit_entries (agency, record, at);
