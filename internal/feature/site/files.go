package site

import (
	"io"
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Files gives what somebody sends, one after the other, and io.EOF after the last.
type Files func() (name string, r io.Reader, err error)

// Sent says how many files were taken, and what was not.
type Sent struct {
	Taken   int
	Refused []Refused
}

// Refused is a file that was not taken. Why is the end of a word key:
// site.files.problem.<why>.
type Refused struct {
	Which int // the first is 1
	Why   string
}

// FileLimits are what somebody can send at once.
type FileLimits struct {
	Most int   // files
	MB   int   // of each
	Form int64 // bytes of all together
}

// filesForm is the step after a message, for pictures and files: the message
// is with us by then, so a slow or broken line loses none of it.
type filesForm struct {
	Visit, Code string
	Limits      FileLimits
	Sent        Sent
	Problem     string // a word key
}

// Key marks what is chosen, so that sending it twice brings it once.
func (filesForm) Key() string { return ids.New() }

// Open says that somebody is about to choose again.
func (f filesForm) Open() bool { return f.Problem != "" || f.Sent.Refused != nil }

// Files is the form for files of an open mailbox; nil where none are taken.
func (m *mailboxPage) Files() *filesForm { return m.site.filesForm(m.Visit, m.Code, m.filesSent) }

func (f *Feature) filesForm(visit, code string, sent *filesForm) *filesForm {
	if f.SendFiles == nil {
		return nil
	}
	form := &filesForm{Visit: visit, Code: digits(code), Limits: f.FileLimits}
	if sent != nil {
		form.Sent, form.Problem = sent.Sent, sent.Problem
	}
	return form
}

// sendFiles takes files for a mailbox and notes what became of them.
func (f *Feature) sendFiles(r *http.Request, p *page, m *mailboxPage, a action) (status int, err error) {
	if f.SendFiles == nil {
		return 0, errs.New(errs.Unavailable, "", nil)
	}
	m.filesSent = new(filesForm)
	m.filesSent.Sent, err = f.SendFiles(r.Context(), p.W.Lang(), a.code, a.key, a.files)
	if err != nil {
		return 0, err
	}
	switch sent := m.filesSent.Sent; {
	case sent.Taken > 0:
		return http.StatusOK, nil
	case sent.Refused == nil:
		m.filesSent.Problem = "site.files.problem.none"
	}
	return http.StatusUnprocessableEntity, nil
}
