package site

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

//go:embed words
var wordFiles embed.FS

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed s
var assetFiles embed.FS

var (
	// Words are the catalogs of the public pages.
	Words fs.FS = wordFiles
	// Assets are the style sheet, the script and the icon of the public pages.
	Assets fs.FS = assetFiles
)

// Feature is the public site. The function fields are all that it asks of the
// rest of the program; the app fills them. One that is nil is a thing that
// this hotline does not offer, and its page says so.
type Feature struct {
	// Facts are what the hotline says about itself, in a language.
	Facts func(ctx context.Context, lang string) (Facts, error)
	// Spoken are the languages that the hotline has turned on for everybody,
	// knowing what nobody has reviewed in them. Nil is all of them.
	Spoken func(ctx context.Context) ([]string, error)
	// Emergency is the sourced emergency number of a country, by its ISO
	// 3166 code. There is none, rather than a guess, where none is known.
	Emergency func(country string) (Emergency, bool)
	// Countries are the codes that the chooser offers.
	Countries func() []string
	// Submit takes a contact and gives the code of its mailbox. The same Key
	// gives the same answer and stores once. It fails only with an error of
	// a kind that a person can act on, and never for what the text says.
	Submit func(ctx context.Context, c Contact) (code string, err error)
	// OpenMailbox gives what a code opens: status and replies, never the
	// story. A code that opens nothing is errs.NotFound, whatever is wrong
	// with it.
	OpenMailbox func(ctx context.Context, code string) (Mailbox, error)
	// WriteMailbox adds a message, written on a page in language lang. The same key stores once.
	WriteMailbox func(ctx context.Context, lang, code, key, text string) error
	// SendFiles takes pictures and files for the mailbox of a code, on a page in
	// language lang. The same file under the same key is taken once. What it does
	// not take it names; all that came before stays with us.
	SendFiles func(ctx context.Context, lang, code, key string, next Files) (Sent, error)
	// FileLimits are what SendFiles takes.
	FileLimits FileLimits
	// HideMailbox makes the code open nothing from now on.
	HideMailbox func(ctx context.Context, code string) error
	// AskDelete notes that who holds the code wants what they told us deleted;
	// KeepAll takes that back. Both may be nil: then neither is offered.
	AskDelete, KeepAll func(ctx context.Context, code string) error
	// EndAnswer forgets the answer that Submit keeps for a repeated request
	// with this key. It may be nil.
	EndAnswer func(ctx context.Context, key string) error
	// Choices are what the service search offers to choose from.
	Choices func(ctx context.Context, lang string) (needs, groups []Choice, err error)
	// FindServices finds verified services.
	FindServices func(ctx context.Context, s Search) (Found, error)
	// FindHotlines gives the verified hotlines that answer somebody in a country.
	FindHotlines func(ctx context.Context, lang, country string) (Hotlines, error)

	// OpenListing gives what a provider's link opens; errs.NotFound if nothing.
	OpenListing func(ctx context.Context, secret string) (Listing, error)
	// Tell takes what a provider says by their link. An errs.Invalid names the
	// field: free, number or note.
	Tell func(ctx context.Context, secret string, told Told) (Listing, error)

	// Wrongs are the codes of what can be wrong with a service; NameService is its
	// name, errs.NotFound if the public does not see it; Hear takes what somebody
	// says, and gives whether their words were kept. An errs.Invalid names the
	// field: kind or text. Without Hear nothing is asked.
	Wrongs      []string
	NameService func(ctx context.Context, id string) (string, error)
	Hear        func(ctx context.Context, w Wrong) (kept bool, err error)

	server *web.Server
	pages  *web.Pages
	ended  ended
}

// Emergency is whom to call in a country, and who says so.
type Emergency struct {
	Number string
	Source string
}

// Choice is one line of a list to choose from, in the reader's language.
type Choice struct{ Value, Label string }

// New makes the site ready on a server whose Words and Assets hold [Words]
// and [Assets].
func New(server *web.Server) (*Feature, error) {
	root, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		return nil, err
	}
	f := &Feature{server: server}
	f.pages, err = server.NewPages(nil, root)
	return f, err
}

// Error shows an error as a public page; the server's PublicError.
func (f *Feature) Error(w http.ResponseWriter, r *http.Request, e *errs.Error) error {
	word := e.Word
	if e.Kind == errs.NotFound {
		word = "site.error.missing"
	}
	prefix, _ := splitPath(r.URL.Path)
	r, prefix, spoken := f.language(r, prefix)
	p := f.page(r, prefix, "/", "error")
	p.spoken = spoken
	p.Body = word
	return f.show(w, r, e.Kind.Status(), p)
}

// facts never fails a page: when they cannot be read, nothing is stated.
func (f *Feature) facts(ctx context.Context, lang string) Facts {
	if f.Facts == nil {
		return Facts{}
	}
	facts, err := f.Facts(ctx, lang)
	if err != nil {
		f.server.Log.ErrorContext(ctx, "facts of the hotline cannot be read", "error", err)
		return Facts{}
	}
	return facts
}

func (f *Feature) words(lang string) *i18n.Printer { return f.server.Words.For(lang) }

func (f *Feature) zoned(t time.Time) time.Time {
	return t.In(f.server.Here())
}
