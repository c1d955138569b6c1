-- +goose Up

-- What was found out about an agency itself, and by whom: whether it is what it
-- says it is. organization is its record; of a service that names none, the
-- service. deed: vouch (a colleague looked), source (a whole set was vouched
-- for), import (it was here before agencies were vetted). withdrawn is when it
-- was taken back, 0 if it counts.
CREATE TABLE directory_vetting (
    agency       TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    organization TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    deed         TEXT   NOT NULL,
    staff        TEXT   NOT NULL,
    by_whom      TEXT   NOT NULL,
    what         TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    withdrawn    BIGINT NOT NULL,
    withdrawn_by TEXT   NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX directory_vetting_organization ON directory_vetting (agency, organization);
CREATE INDEX directory_record_organization ON directory_record (agency, organization);

-- Who was here before stays in sight, and it is written down that nobody looked.
INSERT INTO directory_vetting (agency, id, organization, at, deed, staff, by_whom, what, note, withdrawn, withdrawn_by)
    SELECT agency, 'before-' || id, id, created, 'import', '', '', '', '', 0, '' FROM directory_record
    WHERE kind = 'organization' OR kind = 'service' AND organization = '';

-- +goose Down
DROP INDEX directory_record_organization;
DROP TABLE directory_vetting;
