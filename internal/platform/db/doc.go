// Package db keeps what the hotline knows, durably, in one of two engines:
// SQLite in an encrypted file for a single machine, or PostgreSQL for several.
// Features write one SQL text for both.
//
// What it promises:
//
//   - When Update returns nil, what it wrote survives a power cut. When it
//     returns an error, nothing of it was kept, except that an error while
//     committing may leave the outcome unknown: repeat with an idempotency key.
//   - Updates behave as if they ran one after another, on both engines.
//   - A View sees one moment of the database and cannot change it.
//   - On SQLite many Updates share one disk sync, each under its own
//     savepoint: a failing or panicking one takes nothing of the others along.
//   - Everything that reaches the disk on SQLite (file, log, temporary files) is
//     encrypted under Config.Key, which is never written, logged or put in an error.
//   - Errors carry no values: PostgreSQL and database/sql like to quote what
//     was sent, and that is cut out.
//
// What it does not promise: the SQLite file is encrypted the way a disk is.
// Whoever can change the file can put old blocks back unnoticed; sealing
// records (lib/seal) is what protects content. Two programs cannot share a
// SQLite folder; that is what PostgreSQL is for.
//
// Rules for SQL that runs on both engines: $1… placeholders; BIGINT for
// numbers, booleans (0/1) and times (microseconds UTC, see Micros); TEXT; BYTEA
// for bytes; ON CONFLICT and RETURNING are fine; no engine's own functions.
// Close the rows of one query before the next statement. A statement that
// failed ends its transaction: to insert unless present, say
// ON CONFLICT DO NOTHING and look at the number of rows.
package db
