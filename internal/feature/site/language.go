package site

import (
	"context"
	"net/http"
	"slices"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// on are the languages that are turned on. When that cannot be learned, or
// none is, there is English: pages never fail for it.
func (f *Feature) on(ctx context.Context) []string {
	var codes []string
	if f.Spoken == nil {
		for _, l := range i18n.Languages() {
			codes = append(codes, l.Code)
		}
		return codes
	}
	codes, err := f.Spoken(ctx)
	if err != nil {
		f.server.Log.ErrorContext(ctx, "the languages that are on cannot be read", "error", err)
	}
	codes = slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return !i18n.Known(c) })
	if len(codes) == 0 {
		return []string{i18n.English}
	}
	return codes
}

// language settles the language of an answer: that of the path where it is
// turned on, else the best of those that are for what the browser asks. What
// somebody sends in a language that was turned off meanwhile is taken all the
// same.
func (f *Feature) language(r *http.Request, prefix string) (_ *http.Request, kept string, on []string) {
	on = f.on(r.Context())
	if prefix != "" && slices.Contains(on, prefix[1:]) {
		return web.WithLang(r, prefix[1:]), prefix, on
	}
	return web.WithLang(r, i18n.MatchOf(r.Header.Get("Accept-Language"), on)), "", on
}

// Picker are the other languages in which this page can be read.
func (p *page) Picker() (list []i18n.Language) {
	for _, l := range i18n.Languages() {
		if l.Code != p.W.Lang() && slices.Contains(p.spoken, l.Code) {
			list = append(list, l)
		}
	}
	return list
}

// answerLanguages are those of this site and those of the hotline, once each,
// in their own script.
func (p *page) answerLanguages() []Choice {
	var out []Choice
	for _, code := range append(slices.Clone(p.spoken), p.Facts.Languages...) {
		if c := (Choice{code, i18n.OwnName(code)}); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}
