-- +goose Up

-- Since when others can follow what is published: what is told of an earlier
-- revision is not all there any more. name is other in each directory, so that
-- nobody goes on in one with what another said.
CREATE TABLE directory_feed (
    agency TEXT   NOT NULL PRIMARY KEY,
    name   TEXT   NOT NULL,
    began  BIGINT NOT NULL
);

-- Each service that was ever published since then, once: at which revision
-- what is published of it last changed, and whether it is gone. parts are the
-- other records that have a part in it. due is when somebody has to look at the
-- line again: when the service is hidden because nobody checked it, or when it
-- was gone for so long that it is forgotten.
CREATE TABLE directory_public (
    agency   TEXT   NOT NULL,
    service  TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    gone     BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    parts    TEXT   NOT NULL,
    PRIMARY KEY (agency, service)
);
CREATE INDEX directory_public_revision ON directory_public (agency, revision, service);
CREATE INDEX directory_public_due ON directory_public (agency, due);

-- +goose Down
DROP TABLE directory_public;
DROP TABLE directory_feed;
