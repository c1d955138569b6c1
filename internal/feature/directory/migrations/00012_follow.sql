-- +goose Up

-- From where the changes of a feed are followed that tells them; none: it does not,
-- or was not asked yet.
ALTER TABLE directory_subscription ADD COLUMN upto TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE directory_subscription DROP COLUMN upto;
