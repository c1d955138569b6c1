package web

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Viewer is who looks at a page of the desk.
type Viewer interface {
	Name() string
	RoleName() string
	May(Access) bool
}

type (
	viewerKey struct{}
	langKey   struct{}
)

// WithViewer remembers who is signed in.
func WithViewer(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// ViewerFrom tells who is signed in, nil on public pages.
func ViewerFrom(ctx context.Context) Viewer {
	v, _ := ctx.Value(viewerKey{}).(Viewer)
	return v
}

// WithLang sets the language in which a request is answered.
func WithLang(r *http.Request, lang string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), langKey{}, lang))
}

// Lang is the language in which to answer: the one set by WithLang, else the
// best that the browser asks for.
func (s *Server) Lang(r *http.Request) string {
	if lang, ok := r.Context().Value(langKey{}).(string); ok {
		return lang
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}
