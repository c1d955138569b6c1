-- +goose Up

-- What the public will lose sight of soon, what is due again, and at which services
-- nobody was reached, are asked for at each visit of a curator.
CREATE INDEX directory_check_hide ON directory_check (agency, hide);
CREATE INDEX directory_check_due ON directory_check (agency, due);
CREATE INDEX directory_history_action ON directory_history (agency, action, at);

-- +goose Down
DROP INDEX directory_history_action;
DROP INDEX directory_check_due;
DROP INDEX directory_check_hide;
