package directory

import (
	"context"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// serviceEvents is what happened to a service here.
type serviceEvents struct {
	last    int64  // when, in microseconds
	changes []byte // edits, as items of the list "metadata"
}

// changesOf reads when something happened to services, and what curators
// changed; "" is of all. What stood there before is not told: it may have been
// taken away because nobody should call there any more. That somebody tried to
// call, or was invited to, changed nothing.
func changesOf(ctx context.Context, tx *db.Tx, agency, service string) (map[string]serviceEvents, error) {
	of, args := "", []any{agency}
	if service != "" {
		of, args = " AND service = $2", append(args, service)
	}
	rows, err := tx.Query(ctx, `SELECT service, id, at, action, detail FROM directory_history
		WHERE agency = $1`+of+` AND action NOT IN ('missed', 'invited', 'accepted', 'declined') ORDER BY at, id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]serviceEvents{}
	for rows.Next() {
		var service, id, action, detail string
		var at int64
		if err := rows.Scan(&service, &id, &at, &action, &detail); err != nil {
			return nil, err
		}
		e := out[service]
		e.last = max(e.last, at)
		if action == "edited" || action == chosen {
			e.changes = appendEdit(e.changes, service, id, detail, at)
		}
		out[service] = e
	}
	return out, rows.Err()
}

func appendEdit(b []byte, service, event, detail string, at int64) []byte {
	o, err := parse(detail)
	if err != nil {
		return b
	}
	after, _ := o["after"].(Object)
	for _, field := range sortedKeys(after) {
		if len(b) > 0 {
			b = append(b, ',')
		}
		b = append(b, canonical(Object{
			"id": ids.DeriveUUID("edit/"+event, field), "resource_id": service, "resource_type": entService,
			"last_action_date": db.Time(at).UTC().Format("2006-01-02T15:04:05.000Z"), "last_action_type": "update",
			"field_name": field, "previous_value": "", "replacement_value": "", "updated_by": "curator",
		})...)
	}
	return b
}
