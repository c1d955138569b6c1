// Package desk is the shell in which every page of the staff's side is drawn:
// the layout, its parts, its style sheet and its small scripts.
//
// It promises that each page works with scripts off (links and forms; scripts
// only add), that nothing is loaded from elsewhere, that single keys do
// nothing while somebody types, and that what a page asks by itself says so
// with the header X-Background, so that it does not keep a screen unlocked.
//
// # A page
//
// A feature parses its pages after the shell's, and each defines two blocks:
//
//	pages, err := server.NewPages(nil, desk.Pages, ownPages)
//
//	{{define "title"}}{{t "queue.title"}} · {{t "desk.name"}}{{end}}
//	{{define "main"}}<div class="page"> … </div>{{end}}
//
// # Parts
//
// Each takes (dict "Key" value …); keys in brackets may be left out.
//
//	field   Name Label [ID Type Value Hint Error Auto Max Required Focus Key Dir Wide]
//	area    Name Label [ID Value Hint Error Rows Max Draft Required Focus Key]
//	select  Name Label Options [ID Value Empty Hint Error Required Key]   Options is []desk.Option
//	choices Name Label Options [ID Type Stack Hint Error Required]        Type "radio" or "checkbox"; Option.On
//	answer  Name Label [ID Value Hint Error]   yes, no, unknown, declined, not_asked
//	banner  Text [Kind]                        info, success, warning, danger
//	empty   Text [Href Link]
//	filter  Text [Clear]                       the filter of a list in words
//	sorter  Text Href [Now]                    head of a column; Now is "ascending" or "descending"
//	pager   [Previous Next]
//	answertext  takes the value itself and writes it in words
//	admission   takes how far an account is admitted (see Admission) and shows it as a mark
//
// # Classes
//
// Page: page, narrow, panel, row, spread, grid, scroll, small, muted, number,
// nowrap, story (a text as it was typed). Three panes without scrolling of
// the whole: panes (or panes-two) around pane, pane pane-work, pane; grow is
// the child of a pane that takes the room left and scrolls. Lists: list with
// a.item or li.item; crisis marks one, aria-current the open one. Facts:
// dl.facts with a div for each dt and dd, div.warn and div.alarm; dl.pairs.
// Conversation: ol.talk with li.in, li.out, li.note and span.from; note-box
// around where a private note is written. Buttons: primary (one a page),
// quiet, destroy; a.button. Inputs in rows: table.inputs; several forms or
// questions beside each other: edits; many check boxes: columns. Marks: tag, tag-crisis, tag-danger, tag-warning,
// tag-good. details.fold for what stays folded; once for what is shown once.
//
// # Attributes that the scripts understand
//
//	data-key="t" | "g q" | "/" | "Ctrl+Enter"  on a link, button or input: pressing it clicks or focuses
//	data-key-label   what the sheet behind ? calls it, when its text does not do
//	data-list, data-item   what j and k walk through; give items an id so that focus stays after a refresh
//	data-live="queue contact:ID"   gets the event "live" on these hints and after a broken line:
//	    <div id="list" data-live="queue" hx-get="/staff/queue/list" hx-trigger="live" hx-swap="outerHTML">
//	data-since="{{.Arrived.UnixMilli}}"   on <time>: counts up from then
//	data-draft="URL"   on a textarea: posts name=value and the form's hidden fields within a second
//	data-draft-state   where it says whether that worked (area makes one)
//	data-guard         on a form: leaving it half filled warns
//	data-confirm="…"   on a form or button: asks first
//	data-copy="#id", data-print   on a button hidden by the attribute hidden: shown when scripts run
//
// A failure of an htmx request is put where notices stand and swaps nothing.
// Attributes of our own must not begin with data-on…, data-src… or data-…uri:
// html/template takes those for scripts and addresses.
package desk

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

//go:embed pages/*.html assets words
var files embed.FS

var (
	// Pages are the layout, the parts and the page of an error.
	Pages = web.Folder(files, "pages")
	// Assets are the style sheet, the scripts, the icon and the tone.
	Assets = web.Folder(files, "assets")
	// Words are the shell's own, the roles', and the sentences of errs' kinds.
	Words = web.Folder(files, "words")
)

// Option is one line of a select or of choices.
type Option struct {
	Value, Label string
	On           bool // for choices: it is chosen
}

// Errors shows an error as a page of the desk: web.Server.DeskError. To a
// script it gives the sentence alone, for the place where notices stand.
func Errors(s *web.Server, p *web.Pages) func(http.ResponseWriter, *http.Request, *errs.Error) error {
	return func(w http.ResponseWriter, r *http.Request, e *errs.Error) error {
		if r.Header.Get("Hx-Request") == "" {
			return p.Render(w, r, e.Kind.Status(), "error", e.Word)
		}
		w.Header().Set("Hx-Retarget", "#alert")
		w.Header().Set("Hx-Reswap", "innerHTML")
		text := template.HTMLEscapeString(s.Words.For(s.Lang(r)).T(e.Word))
		return web.HTML(w, r, e.Kind.Status(),
			bytes.NewBufferString(`<p class="banner banner-danger" role="alert">`+text+`</p>`))
	}
}
