package oidc_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/platform/oidc"
	"github.com/clew-hotline/clew/internal/platform/oidc/oidctest"
)

const back = "https://hotline.test/staff/signin/identity/back"

func provider(t *testing.T, p *oidctest.Provider, now func() time.Time) *oidc.Provider {
	t.Helper()
	ours, err := oidc.New("Example ID", p.URL, oidctest.Client, []string{oidctest.Secret}, p.Roots(), now)
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

// ask goes to the provider and comes back.
func ask(t *testing.T, p *oidctest.Provider, ours *oidc.Provider) (oidc.Request, url.Values) {
	t.Helper()
	r := oidc.NewRequest()
	address, err := ours.Address(t.Context(), r, back)
	if err != nil {
		t.Fatal(err)
	}
	return r, p.Visit(address)
}

// An answer tells who somebody is, with the secret in either place; a code counts once.
func TestAnAnswerNamesSomebody(t *testing.T) {
	t.Parallel()
	for _, post := range []bool{false, true} {
		p := oidctest.Start(t)
		p.Post = post
		ours := provider(t, p, time.Now)
		r, answer := ask(t, p, ours)
		subject, err := ours.Subject(t.Context(), r, back, answer)
		if err != nil || subject != p.Subject {
			t.Fatalf("%q %v", subject, err)
		}
		if _, err := ours.Subject(t.Context(), r, back, answer); !errors.Is(err, oidc.ErrAnswer) {
			t.Errorf("a code counted twice: %v", err)
		}
	}
}

// Whatever is wrong with an answer, it names nobody.
func TestWrongAnswersNameNobody(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(*oidctest.Provider) {
		return func(p *oidctest.Provider) { p.Lie = func(claims map[string]any) { claims[name] = value } }
	}
	alg := func(name string) func(*oidctest.Provider) { return func(p *oidctest.Provider) { p.Alg = name } }
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	for name, c := range map[string]struct {
		provider func(*oidctest.Provider)
		answer   func(*oidc.Request, url.Values)
		want     error
	}{
		"audience":          {provider: set("aud", "somebody else")},
		"audiences":         {provider: set("aud", []string{oidctest.Client, "another"})},
		"party":             {provider: set("azp", "another")},
		"issuer":            {provider: set("iss", "https://evil.test")},
		"nonce":             {provider: set("nonce", "another")},
		"no nonce":          {provider: set("nonce", "")},
		"no subject":        {provider: set("sub", "")},
		"long subject":      {provider: set("sub", strings.Repeat("s", 256))},
		"subject no text":   {provider: set("sub", 7)},
		"expired":           {provider: set("exp", ago(2*time.Minute))},
		"from the future":   {provider: set("iat", ago(-2*time.Minute))},
		"not yet":           {provider: set("nbf", ago(-time.Hour))},
		"unsigned":          {provider: alg("none")},
		"signed by secret":  {provider: alg("HS256")},
		"another's key":     {provider: alg("stranger")},
		"large":             {provider: set("more", strings.Repeat("x", 2<<20))},
		"denied":            {provider: func(p *oidctest.Provider) { p.Denies = true }, want: oidc.ErrDenied},
		"state":             {answer: func(_ *oidc.Request, a url.Values) { a.Set("state", "another") }},
		"no state":          {answer: func(r *oidc.Request, a url.Values) { r.State = ""; a.Del("state") }},
		"mixed up":          {answer: func(_ *oidc.Request, a url.Values) { a.Set("iss", "https://evil.test") }},
		"no code":           {answer: func(_ *oidc.Request, a url.Values) { a.Del("code") }},
		"another's code":    {answer: func(_ *oidc.Request, a url.Values) { a.Set("code", "guessed") }},
		"another's request": {answer: func(r *oidc.Request, _ url.Values) { r.Verifier = oidc.NewRequest().Verifier }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := oidctest.Start(t)
			if c.provider != nil {
				c.provider(p)
			}
			ours := provider(t, p, time.Now)
			r, answer := ask(t, p, ours)
			if c.answer != nil {
				c.answer(&r, answer)
			}
			if c.want == nil {
				c.want = oidc.ErrAnswer
			}
			subject, err := ours.Subject(t.Context(), r, back, answer)
			if !errors.Is(err, c.want) || subject != "" {
				t.Fatalf("%q %v", subject, err)
			}
			if strings.Contains(err.Error(), p.Subject) {
				t.Errorf("the reason names somebody: %v", err)
			}
		})
	}
}

// Clocks that are apart by less than a minute are no reason to refuse.
func TestClocksMayBeALittleApart(t *testing.T) {
	t.Parallel()
	for _, apart := range []time.Duration{-50 * time.Second, 5*time.Minute + 50*time.Second} {
		p := oidctest.Start(t)
		ours := provider(t, p, func() time.Time { return time.Now().Add(apart) })
		r, answer := ask(t, p, ours)
		if _, err := ours.Subject(t.Context(), r, back, answer); err != nil {
			t.Errorf("%v apart: %v", apart, err)
		}
	}
}

// A provider that is down is no reason to wait, and is found again when it is back.
func TestAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	p := oidctest.Start(t)
	ahead := time.Duration(0)
	ours := provider(t, p, func() time.Time { return time.Now().Add(ahead) })
	p.Down = true
	if _, err := ours.Address(t.Context(), oidc.NewRequest(), back); !errors.Is(err, oidc.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	p.Down = false
	if _, err := ours.Address(t.Context(), oidc.NewRequest(), back); !errors.Is(err, oidc.ErrUnreachable) {
		t.Errorf("asked again at once: %v", err)
	}
	ahead = 10 * time.Second
	if _, err := ours.Address(t.Context(), oidc.NewRequest(), back); err != nil {
		t.Errorf("not found again: %v", err)
	}
}

func TestProvidersThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{"", "http://id.test", "https://", "https://a@id.test", "https://id.test?x", "id.test"} {
		if _, err := oidc.New("ID", issuer, "clew", []string{"s"}, nil, time.Now); err == nil {
			t.Errorf("%q is taken", issuer)
		}
	}
	if _, err := oidc.New("ID", "https://id.test", "clew", nil, nil, time.Now); err == nil {
		t.Error("one without a secret is taken")
	}
}

// What is kept of a subject depends on the secret, the provider and the subject,
// and one from before a change of the secret is still known.
func TestMarks(t *testing.T) {
	t.Parallel()
	marks := func(issuer, subject, secrets string) []string {
		list, err := oidc.Secrets(strings.NewReader(secrets))
		if err != nil {
			t.Fatal(err)
		}
		p, err := oidc.New("ID", issuer, "clew", list, nil, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Marks(subject)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ada := marks("https://id.test", "ada", "old\n")[0]
	if got := marks("https://id.test", "ada", "new\nold\n"); len(got) != 2 || got[1] != ada || got[0] == ada {
		t.Errorf("%v", got)
	}
	for _, other := range []string{marks("https://id.test", "bea", "old")[0], marks("https://id.test/a", "da", "old")[0], marks("https://id.test", "ada", "other")[0]} {
		if other == ada {
			t.Error("two are alike")
		}
	}
}
