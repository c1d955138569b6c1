-- +goose Up

-- Feeds of others that are taken over. key is the fingerprint that has to have
-- signed every answer; none: the feed is not signed. since is when the last fetch
-- that came to its end began, walked when the last of everything did; times are 0
-- for never.
CREATE TABLE directory_subscription (
    agency  TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    url     TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    every   BIGINT NOT NULL,
    paused  BIGINT NOT NULL,
    since   BIGINT NOT NULL,
    walked  BIGINT NOT NULL,
    due     BIGINT NOT NULL,
    failed  TEXT   NOT NULL,
    PRIMARY KEY (agency, source)
);

-- +goose Down
DROP TABLE directory_subscription;
