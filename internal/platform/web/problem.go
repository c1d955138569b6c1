package web

import (
	"encoding/json"
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Problem is an error for programs, as RFC 9457 gives it. It names the field
// and never repeats what was sent.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Field  string `json:"field,omitempty"`
}

func (s *Server) problem(w http.ResponseWriter, r *http.Request, e *errs.Error) error {
	status := e.Kind.Status()
	b, err := json.Marshal(Problem{
		Title:  http.StatusText(status),
		Status: status,
		Detail: s.Words.For(s.Lang(r)).T(e.Word),
		Field:  e.Field,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}
