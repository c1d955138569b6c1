-- +goose Up

-- What an agency decided about its directory, each time that it did: the newest
-- counts. No row: the rules that are proposed.
CREATE TABLE directory_rules (
    agency  TEXT   NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    staff   TEXT   NOT NULL,
    by_whom TEXT   NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (agency, version)
);

-- Whether a person chose the day of the next check. Then rules do not move it.
-- Of what was there before, a day that follows from no rule was chosen; one that
-- does may be a day short, as the form counted from midnight.
ALTER TABLE directory_check ADD COLUMN chosen BIGINT NOT NULL DEFAULT 0;
UPDATE directory_check SET chosen = 1
    WHERE due - checked NOT BETWEEN 2505600000000 AND 2592000000000
      AND due - checked NOT BETWEEN 7689600000000 AND 7776000000000
      AND due - checked NOT BETWEEN 15465600000000 AND 15552000000000;

-- +goose Down
ALTER TABLE directory_check DROP COLUMN chosen;
DROP TABLE directory_rules;
