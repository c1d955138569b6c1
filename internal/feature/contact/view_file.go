package contact

import (
	"net/url"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// fileView is one file as its line shows it.
type fileView struct {
	File

	contact string
	Gone    bool // dropped since
}

func (c Contact) filesOf(m Message) (list []fileView) {
	for _, file := range m.Files {
		list = append(list, fileView{File: file, contact: c.ID, Gone: !c.files[file.Number]})
	}
	return list
}

// Called is the word key of what people call it: picture 1, file 2.
func (v fileView) Called() string {
	if v.Picture != "" {
		return "contact.files.picture"
	}
	return "contact.files.file"
}

// KB is the file's size in kB, rounded up.
func (v fileView) KB() int64 { return (v.Size + 999) / 1000 }

// At is its address: "files" to keep it, "pictures" to see it.
func (v fileView) At(how string) string {
	return "/staff/contacts/" + url.PathEscape(v.contact) + "/" + how + "/" + itoa(v.Number)
}

// filesView is the form with which a colleague adds files.
type filesView struct {
	ID      string // of the contact
	Most    int    // files at once
	LimitMB int    // of each
	Taken   int
	Refused []Refused
	Wrong   string // a word key
}

func (f *Feature) filesView(id string) filesView {
	return filesView{ID: id, Most: MaxFiles, LimitMB: f.LimitMB()}
}

// Once marks what is chosen in the form, so that sending it twice adds it once.
func (filesView) Once() string { return ids.New() }
