package db_test

import (
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
)

func TestTimes(t *testing.T) {
	t.Parallel()
	if db.Micros(time.Time{}) != 0 || !db.Time(0).IsZero() {
		t.Error("never is not 0")
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.FixedZone("x", 3600))
	got := db.Time(db.Micros(at))
	if !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
		t.Errorf("%v became %v", at, got)
	}
}
