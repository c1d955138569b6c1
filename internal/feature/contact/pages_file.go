package contact

import (
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/picture"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// UploadLimit is how much of a form with files is read, in bytes: as many as
// one message takes, the fields, and a good deal of what is too large, so that
// whoever sends it hears that and not a line that breaks.
func (f *Feature) UploadLimit() int64 { return MaxFiles*f.limits().File + 64<<20 }

// postFiles adds files to a contact, as one line for colleagues.
//
//	POST /staff/contacts/{id}/files  multipart: once, then file, again and again
func (f *Feature) postFiles(w http.ResponseWriter, r *http.Request) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	u, err := web.ReadUpload(w, r, f.UploadLimit())
	once := Once("")
	if err == nil {
		once, err = ParseOnce(u.Values.Get("once"))
	}
	var taken Taken
	if err == nil {
		taken, err = f.AddFiles(ctx, s, id, u.Next, once)
	}
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Unauthenticated) {
		return err
	}
	v := f.filesView(id)
	v.Taken, v.Refused = taken.Files(), taken.Refused
	switch {
	case err != nil:
		v.Wrong = errs.Of(err).Word
	case v.Taken == 0 && v.Refused == nil:
		v.Wrong = "contact.error.file_none"
	}
	if fromScript(r) {
		if v.Taken > 0 {
			w.Header().Set("HX-Trigger", "said") // the conversation fetches what is new
		}
		return f.pages.Part(w, r, "contact", "addfiles", v)
	}
	if v.Wrong == "" && v.Refused == nil {
		return web.Redirect(w, "/staff/contacts/"+id+"#end")
	}
	return f.contactPage(w, r, http.StatusUnprocessableEntity, pageChange{files: &v})
}

// sendFile gives a file to keep: never to show, whatever it is.
//
//	GET /staff/contacts/{id}/files/{n}
func (f *Feature) sendFile(w http.ResponseWriter, r *http.Request) error {
	o, err := f.opening(r)
	if err != nil {
		return err
	}
	defer o.Close() //nolint:errcheck // it was only read
	web.Attach(w, "file-"+itoa(o.Number)+knownEnding(o.Name), "application/octet-stream")
	w.Header().Set("Content-Length", itoa(o.Size))
	_, err = io.Copy(w, o)
	return err
}

// sendPicture gives a picture as it is shown: drawn anew, with nothing else in it.
//
//	GET /staff/contacts/{id}/pictures/{n}
func (f *Feature) sendPicture(w http.ResponseWriter, r *http.Request) error {
	o, err := f.opening(r)
	if err != nil {
		return err
	}
	defer o.Close() //nolint:errcheck // it was only read
	if o.Picture == picture.None || o.Size > picture.MaxBytes {
		return errs.New(errs.NotFound, "", nil)
	}
	file, err := io.ReadAll(o)
	if err != nil {
		return err
	}
	shown, err := picture.Show(r.Context(), file)
	if errors.Is(err, picture.ErrPicture) {
		return errs.New(errs.NotFound, "", err)
	}
	if err != nil {
		return err
	}
	web.Inline(w, "image/jpeg")
	_, err = w.Write(shown) //nolint:gosec // drawn by us, and sent as a picture where nothing can run
	return err
}

func (f *Feature) opening(r *http.Request) (*OpenedFile, error) {
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	return f.OpenFile(r.Context(), staff.From(r.Context()), r.PathValue("id"), n)
}

// endings are those that a file keeps when it is downloaded, so that it can be
// opened: what people send, and nothing that runs.
var endings = []string{
	".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".avif", ".pdf", ".txt", ".csv", ".odt", ".ods", ".docx", ".xlsx",
	".mp3", ".m4a", ".aac", ".ogg", ".opus", ".amr", ".wav", ".mp4", ".mov", ".3gp", ".webm", ".vcf",
}

func knownEnding(name string) string {
	if e := strings.ToLower(path.Ext(name)); slices.Contains(endings, e) {
		return e
	}
	return ""
}
