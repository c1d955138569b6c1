package keyring

import (
	"context"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// Groups gives an agency's groups by name, without that of the recovery key.
func Groups(ctx context.Context, tx *db.Tx, agency string) (list []Group, err error) {
	rows, err := tx.Query(ctx, `SELECT name FROM key_groups WHERE agency = $1 AND name <> $2 ORDER BY name`, agency, Recovery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, name := range names {
		g, err := Find(ctx, tx, agency, name)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}
