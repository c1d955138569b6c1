package proofs

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// TestWhateverArrivesAtTheMailbox tries codes as people write them and as
// others guess them, and messages as they should not come.
func TestWhateverArrivesAtTheMailbox(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	v := visit(t, r)
	code := v.open("/en/contact").send("", url.Values{"message": {"ok-first"}}).is(http.StatusOK).text("code")
	digits := strings.ReplaceAll(code, " ", "")

	for name, typed := range map[string]string{
		"as it was shown": code, "without spaces": digits, "with dashes": strings.ReplaceAll(code, " ", "-"),
		"with spaces around": " \t" + code + "\u00a0", "with Arabic digits": otherDigits(code, '٠'), "with Persian digits": otherDigits(digits, '۰'),
		"with wide digits": otherDigits(digits, '０'),
	} {
		if s := v.ask(http.MethodPost, "/ar/mailbox", urlencoded, form("code", typed)); s.status != http.StatusOK || strings.Contains(s.body, "ok-first") {
			t.Errorf("the code %s does not open: %d, or gives the story back", name, s.status)
		}
	}

	// A wrong code, a right beginning with a wrong end, and a code of nobody
	// are one answer.
	other := digits[:19] + string('0'+(digits[19]-'0'+1)%10)
	nobody := strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, digits)
	for _, lang := range []string{"en", "ar"} {
		a := v.ask(http.MethodPost, "/"+lang+"/mailbox", urlencoded, form("code", other))
		b := v.ask(http.MethodPost, "/"+lang+"/mailbox", urlencoded, form("code", nobody))
		a.is(http.StatusUnprocessableEntity).explains(t, "a wrong code", lang)
		if b.status != a.status || strings.ReplaceAll(a.said(), other, "") != strings.ReplaceAll(b.said(), nobody, "") {
			t.Errorf("a wrong secret is answered unlike a code that nobody has: %d %s / %d %s", a.status, a.said(), b.status, b.said())
		}
		for name, typed := range map[string]string{
			"nothing": "", "letters": "abcdefghijklmnopqrst", "19 digits": digits[:19], "21 digits": digits + "0", "NUL": digits[:19] + "\x00",
			"SQL": "' OR 1=1 --", "markup": "<script>alert(1)</script>", "a quarter of a megabyte": strings.Repeat("1", 256<<10), "no UTF-8": "\xff\xfe", "signs": "+1234567890123456789",
		} {
			s := v.ask(http.MethodPost, "/"+lang+"/mailbox", urlencoded, form("code", typed, "message", "still here"))
			if s.status != http.StatusUnprocessableEntity && s.status != http.StatusRequestEntityTooLarge {
				t.Errorf("%s as a code: %d", name, s.status)
				continue
			}
			s.explains(t, name, lang)
			if strings.Contains(s.body, "<script>alert") || fields(s.tree).Get("message") != "still here" {
				t.Errorf("%s as a code: the message is not in the form any more", name)
			}
		}
	}

	// What is wrong with a message is said where it still stands; what is
	// right is stored once, however often it comes.
	s := v.ask(http.MethodPost, "/ar/mailbox", urlencoded, form("code", code, "message", overLong))
	s.is(http.StatusUnprocessableEntity).explains(t, "a message too long", "ar")
	if fields(s.tree).Get("message") != overLong {
		t.Error("the message that is too long does not stand in the form any more")
	}
	again := form("code", code, "message", "a\x00b \u202Eok-again "+hostile, "key", ids.New())
	for range 3 {
		v.ask(http.MethodPost, "/en/mailbox", urlencoded, again).is(http.StatusOK).hides("ok-again")
	}
	status, _, err := post(t.Context(), r.API+"/mailbox/messages", `{"code":`+quoted(code)+`,"text":"ok-by-API"}`, ids.New())
	if err != nil || status != http.StatusCreated {
		t.Errorf("by the API: %d %v", status, err)
	}
	for _, body := range []string{"", "{}", `{"code":5}`, `{"code":"` + nobody + `"}`, `{"code":"` + digits + `","text":""}`, `{"code":` + quoted(hostile) + `,"text":"x"}`} {
		for _, path := range []string{"/mailbox/messages", "/mailbox", "/mailbox/hide"} {
			if path != "/mailbox/messages" && strings.Contains(body, digits) {
				continue
			}
			status, answer, err := post(t.Context(), r.API+path, body, "")
			if err != nil || status < 400 || status >= 500 || strings.Contains(string(answer), nobody) {
				t.Errorf("%s %s: %d %s", path, body, status, answer)
			}
		}
	}

	ada := signIn(t, r, "Ada")
	at := ada.open("/staff/queue").send("/staff/contacts/next", nil).is(http.StatusOK)
	talk := at.text("talk")
	for _, said := range []string{"ok-first", "ab \u202Eok-again " + hostile, "ok-by-API"} {
		if n := strings.Count(talk, said); n != 1 {
			t.Errorf("%q was read %d times", said, n)
		}
	}
	if strings.Count(talk, "ok-") != 3 {
		t.Errorf("more was stored than was sent: %s", talk)
	}

	status, answer, err := post(t.Context(), r.API+"/mailbox", `{"code":`+quoted(code)+`}`, "")
	var box struct {
		Status  string
		Replies []any
		Sent    []string
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(answer, &box) != nil || len(box.Replies) != 0 || len(box.Sent) != 3 || strings.Contains(string(answer), "ok-") {
		t.Errorf("the mailbox for programs: %d %s %v", status, answer, err)
	}
	v.ask(http.MethodPost, "/en/mailbox", urlencoded, form("code", code, "do", "hide")).is(http.StatusOK)
	v.ask(http.MethodPost, "/en/mailbox", urlencoded, form("code", code)).is(http.StatusUnprocessableEntity)
}

// otherDigits writes a code with the digits of another keyboard.
func otherDigits(code string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return r
		}
		return zero + r - '0'
	}, code)
}
