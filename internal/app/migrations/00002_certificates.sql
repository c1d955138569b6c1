-- +goose Up
CREATE TABLE certificates (
    name   TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    value  BYTEA NOT NULL
);
