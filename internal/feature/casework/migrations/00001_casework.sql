-- +goose Up
-- What the list needs is in clear. The service is not among it: where somebody
-- was sent tells where they may be.
CREATE TABLE referrals (
    id             TEXT PRIMARY KEY,
    agency         TEXT NOT NULL,
    contact        TEXT NOT NULL,
    staff          TEXT NOT NULL,   -- who follows it
    state          TEXT NOT NULL,
    open           BIGINT NOT NULL, -- 1: something is still to be done
    due            BIGINT NOT NULL, -- day of the next look; of one that is over, the month
    last_seq       BIGINT NOT NULL,
    epoch          BIGINT NOT NULL, -- of the contact's key
    sealed_release BYTEA NOT NULL
);
CREATE INDEX referrals_all ON referrals (agency, open, due, id);
CREATE INDEX referrals_mine ON referrals (agency, staff, open, due, id);
CREATE INDEX referrals_by_contact ON referrals (agency, contact);

CREATE TABLE referral_events (
    referral TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    agency   TEXT NOT NULL,
    sealed   BYTEA NOT NULL,
    PRIMARY KEY (referral, seq)
);
