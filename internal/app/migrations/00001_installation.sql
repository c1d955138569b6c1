-- +goose Up
CREATE TABLE installation (
    key    TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    value  TEXT NOT NULL
);
