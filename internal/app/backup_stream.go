package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/platform/backup"
)

// A running server sends a backup over its socket, and the command writes it
// down: the server may write nowhere but in its own folders, the command
// wherever whoever typed it may.
//
//	POST /backup {"recipients": ["age1…"]}
//	→ multipart/mixed: a part for each file, named as the file is, and a last
//	  one without a name, {"made": {…}} or {"error": "…"}

const (
	backupPath  = "/backup"
	orderLimit  = 1 << 20
	endingLimit = 1 << 20
)

func (a *App) answerBackup(w http.ResponseWriter, r *http.Request) {
	var order backupOrder
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, orderLimit)).Decode(&order); err != nil {
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}
	parts := multipart.NewWriter(w)
	w.Header().Set("Content-Type", mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": parts.Boundary()}))
	var end backupEnd
	to, err := backup.Recipients(order.Recipients, "")
	if err == nil {
		end.Made, err = a.makeBackup(r.Context(), to, func(name string) (io.WriteCloser, error) {
			part, err := parts.CreatePart(textproto.MIMEHeader{
				"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": name})},
			})
			return nopCloser{part}, err
		})
	}
	if err != nil {
		end.Error = explain(err)
	}
	if err := sendEnd(parts, end); err != nil {
		a.Log.Error("a backup was asked for, and nobody was there to take it", "error", err)
	}
}

func sendEnd(parts *multipart.Writer, end backupEnd) error {
	last, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/json"}})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(last).Encode(end); err != nil {
		return err
	}
	return parts.Close()
}

// nopCloser is a part that ends when the next begins.
type nopCloser struct{ io.Writer }

// Close does nothing.
func (nopCloser) Close() error { return nil }

// streamBackup takes a backup from the running server, or says errNoServer.
func streamBackup(ctx context.Context, o Options, to []age.Recipient, create backup.Create) (made backup.Made, err error) {
	order, err := encodeOrder(to)
	if err != nil {
		return made, err
	}
	answer, err := askSocket(ctx, o, backupPath, bytes.NewReader(order))
	if err != nil {
		return made, err
	}
	defer answer.Body.Close()
	kind, params, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		return made, errors.New("the running server makes no backups: it is an older version. Restart it")
	}
	parts := multipart.NewReader(answer.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return made, errors.New("the server went away in the middle of the backup")
		}
		if part.FileName() == "" {
			return readEnd(part)
		}
		if err := copyPart(part, create); err != nil {
			return made, err
		}
	}
}

func copyPart(part *multipart.Part, create backup.Create) error {
	f, err := create(part.FileName())
	if err != nil {
		return err
	}
	_, err = io.Copy(f, part)
	return errors.Join(err, f.Close())
}

func readEnd(part io.Reader) (made backup.Made, err error) {
	var end backupEnd
	if err := json.NewDecoder(io.LimitReader(part, endingLimit)).Decode(&end); err != nil {
		return made, errors.New("the server went away in the middle of the backup")
	}
	if end.Error != "" {
		return made, errors.New(end.Error)
	}
	return end.Made, nil
}
