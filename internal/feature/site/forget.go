package site

import (
	"net/http"
	"strings"
)

// formStatus is the status of a page into which somebody will type.
//
// Chromium freezes such a page when somebody leaves it and shows it again,
// typed text and all, when they come Back: in spite of no-store, with scripts
// off, and also when the answer that leads away has Clear-Site-Data, because
// that is obeyed before the page is frozen. It freezes no page whose status is
// anything but 200, so Chromium gets 203, which means the same to a reader.
// Loaded anew the form is empty, because autocomplete="off" keeps the browser
// from filling it in. Others do not keep a page that is no-store.
//
// back_test.go tries it in the browser.
func formStatus(r *http.Request) int {
	if strings.Contains(r.UserAgent(), "Chrome/") {
		return http.StatusNonAuthoritativeInfo
	}
	return http.StatusOK
}
