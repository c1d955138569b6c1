package db

// Autocheckpoint makes SQLite move the log into the file after so many pages,
// so that a test sees it happen.
func (d *DB) Autocheckpoint(pages string) error {
	_, err := d.write.Exec(`PRAGMA wal_autocheckpoint = ` + pages)
	return err
}

// Check gives what SQLite finds wrong with the file.
func (d *DB) Check() (found string, err error) {
	err = d.write.QueryRow(`PRAGMA integrity_check`).Scan(&found)
	if found == "ok" {
		found = ""
	}
	return found, err
}

// Pragma gives a setting of a writing or reading connection.
func (d *DB) Pragma(name string, writer bool) (value string, err error) {
	pool := d.read
	if writer {
		pool = d.write
	}
	err = pool.QueryRow(`PRAGMA ` + name).Scan(&value)
	return value, err
}

// Rewrite is what SQLite gets for a statement, and how many arguments it takes.
func Rewrite(query string) (string, int) {
	t := rewrite(query)
	return t.sqlite, t.params
}

// Password is what a configuration makes of its password file.
func Password(cfg Config) (string, error) {
	c, err := postgresConfig(cfg)
	if err != nil {
		return "", err
	}
	return c.Password, nil
}
