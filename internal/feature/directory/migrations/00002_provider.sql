-- +goose Up

-- A link by which those who run a service keep its listing true, without an
-- account. Only a hash of its secret is kept.
CREATE TABLE directory_invitation (
    agency  TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    service TEXT   NOT NULL,
    staff   TEXT   NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (agency, hash)
);
CREATE INDEX directory_invitation_service ON directory_invitation (agency, service);

-- What somebody outside says is otherwise, until a curator has looked at it.
CREATE TABLE directory_proposal (
    agency  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    service TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    field   TEXT   NOT NULL,
    was     TEXT   NOT NULL,
    said    TEXT   NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX directory_proposal_service ON directory_proposal (agency, service, at);

-- +goose Down
DROP TABLE directory_proposal;
DROP TABLE directory_invitation;
