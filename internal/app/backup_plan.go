package app

import (
	"context"
	"crypto/ed25519"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/backup"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// backupPlan says which tables go where. A table that is not named here is
// content. One that opens others belongs to the keys: they are kept for 30
// days only, so that what was deleted is gone from every backup by then.
func backupPlan() backup.Plan {
	return backup.Plan{
		Migrations: allMigrations(),
		Program:    programVersion(),
		Files:      backup.Files{Table: "contact_files"},
		Keys: []string{
			"key_wraps",            // without its row a record is unreadable
			"key_groups",           // the public halves and epochs that the wraps are of
			"key_epochs",           // likewise
			"staff",                // the sealed keys to which wraps are made: a changed pass phrase must not come back
			"contact_files",        // the keys of files: those that were dropped must not come back
			"mailboxes",            // the salts without which a code opens no reply: hidden stays hidden
			"quorum_sets",          // among whom the recovery key is shared: the shares belong to the wraps of its own time
			"quorum_officers",      // the sealed shares: those of before a new set-up must not come back
			"staff_passkeys",       // those keys, opened another way: one that was taken away must not come back
			"staff_identities",     // whose account elsewhere is whose: a link that was taken away must not come back
			"staff_second",         // sealed under those keys
			"staff_recovery_codes", // a used one must not count again after a month
			"blind_keys",           // public halves of the index's keys, which the wraps are of
			"blind_marks",          // what a deleted contact had in common with others is gone as soon as it is
			"blind_waiting",        // likewise, and it opens with the index's key alone
		},
		LeftOut: []string{
			"blind_news",       // for nodes that ran at the time
			"staff_sessions",   // a key under a cookie: everybody signs in anew
			"certificates",     // of the machine that was: another gets its own
			"staff_challenges", // likewise, for minutes
			"staff_halfway",    // likewise, for minutes
			"staff_browsers",   // worth a shorter queue and nothing else
			"contact_requests", // answers that are promised to be gone after a quarter of an hour
			"quorum_requests",  // one that was ended meanwhile must not be open again: whoever needs it asks anew
			"quorum_releases",  // sealed to a key that was in the memory of a server
			"contact_outside",  // reasons hold for sessions
		},
	}
}

// LeftOut are the tables that are in no backup, for who compares one with what
// it was made of.
func LeftOut() []string { return backupPlan().LeftOut }

// What the installation remembers about its backups.
const (
	backupKey       = "backup_key"       // the seed that signs them
	backupMade      = "backup_made"      // when the last one was made, by whatever way
	backupScheduled = "backup_scheduled" // when the last one was made by itself
	backupFailed    = "backup_failed"    // when and why it last failed; empty once it worked again
)

// signer is the key with which this installation signs its backups. It is
// made when it is first needed.
func signer(ctx context.Context, tx *db.Tx) (ed25519.PrivateKey, error) {
	return madeKey(ctx, tx, backupKey)
}

// knownSigner is nil if the key was not made yet.
func knownSigner(ctx context.Context, tx *db.Tx) (ed25519.PrivateKey, error) {
	return keptKey(ctx, tx, backupKey)
}

// signerFingerprint is what people compare; "" if there is no key yet.
func signerFingerprint(ctx context.Context, tx *db.Tx) (string, error) {
	key, err := knownSigner(ctx, tx)
	if err != nil || key == nil {
		return "", err
	}
	return archive.Fingerprint(ed25519.PublicKey(key[ed25519.SeedSize:])), nil
}

// backupSource is the running hotline as a backup sees it. That a backup was
// asked for is written into the log, and so into the backup too.
func (a *App) backupSource(ctx context.Context) (s backup.Source, err error) {
	s = backup.Source{Plan: backupPlan(), DB: a.DB}
	s.Files.Store = a.features.contact.Blobs
	err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		demo, err := recall(ctx, tx, isDemo)
		if err != nil {
			return err
		}
		s.Demo = demo != ""
		if s.Signer, err = signer(ctx, tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, homeAgency, audit.Entry{Action: "backup"})
	})
	return s, err
}
