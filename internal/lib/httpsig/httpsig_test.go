package httpsig

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	key  = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	body = []byte(`{"total_items":0}`)
)

func public(k ed25519.PrivateKey) ed25519.PublicKey { return ed25519.PublicKey(k[ed25519.SeedSize:]) }

// answered is an answer that we signed.
func answered(t testing.TB, behind bool) Message {
	t.Helper()
	u, err := url.Parse("https://feed.example/hsds/services?full=true&page=2")
	if err != nil {
		t.Fatal(err)
	}
	m := Asked(http.MethodGet, u)
	m.Status, m.Header = http.StatusOK, http.Header{"Content-Type": {"application/json"}}
	at := m.Header
	if behind {
		m.Trailer = http.Header{}
		at = m.Trailer
	}
	at.Set(DigestHeader, Digest(sha256.Sum256(body)))
	Sign(at, m, key, Fingerprint(public(key)), noon)
	return m
}

func TestWhatIsSignedCounts(t *testing.T) {
	t.Parallel()
	for _, behind := range []bool{false, true} {
		if err := Verify(answered(t, behind), body, public(key), Fingerprint(public(key)), noon.Add(time.Hour)); err != nil {
			t.Errorf("behind %t: %v", behind, err)
		}
	}
}

// The example of RFC 9421, B.2.6, but for what it covers: our own reading of a
// foreign base has to be what others sign.
func TestTheBaseIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	seed, err := base64.RawURLEncoding.DecodeString("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU")
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Header: http.Header{
		"Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"18"},
	}}
	list := []component{{"date", ""}, {"content-type", ""}, {"content-length", ""}}
	text, ok := m.base(list, `("date" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`)
	want := "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"content-type\": application/json\n\"content-length\": 18\n" +
		`"@signature-params": ("date" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
	if !ok || text != want {
		t.Errorf("%q", text)
	}
	k := ed25519.NewKeyFromSeed(seed)
	if !ed25519.Verify(public(k), []byte(text), ed25519.Sign(k, []byte(text))) {
		t.Error("the key does not sign")
	}
}

func TestWhatDiffersDoesNotCount(t *testing.T) {
	t.Parallel()
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", ed25519.SeedSize)))
	id := Fingerprint(public(key))
	for name, c := range map[string]struct {
		change func(m *Message)
		body   []byte
		key    ed25519.PrivateKey
		id     string
		now    time.Time
		want   error
	}{
		"another body":     {nil, []byte(`{"total_items":1}`), key, id, noon, ErrDigest},
		"another key":      {nil, body, other, id, noon, ErrSignature},
		"another key's id": {nil, body, key, "other", noon, ErrUnsigned},
		"a year later":     {nil, body, key, id, noon.AddDate(1, 0, 0), ErrAge},
		"before it was":    {nil, body, key, id, noon.Add(-time.Hour), ErrAge},
		"another status":   {func(m *Message) { m.Status = 201 }, body, key, id, noon, ErrSignature},
		"another page":     {func(m *Message) { m.Query = "full=true&page=3" }, body, key, id, noon, ErrSignature},
		"another list":     {func(m *Message) { m.Path = "/hsds/organizations" }, body, key, id, noon, ErrSignature},
		"another method":   {func(m *Message) { m.Method = http.MethodPost }, body, key, id, noon, ErrSignature},
		"another type":     {func(m *Message) { m.Header.Set("Content-Type", "text/html") }, body, key, id, noon, ErrSignature},
		"no digest":        {func(m *Message) { m.Header.Del(DigestHeader) }, body, key, id, noon, ErrSignature},
		"no signature":     {func(m *Message) { m.Header.Del(SignatureHeader) }, body, key, id, noon, ErrUnsigned},
		"no input":         {func(m *Message) { m.Header.Del(InputHeader) }, body, key, id, noon, ErrUnsigned},
		"a broken one":     {func(m *Message) { m.Header.Set(SignatureHeader, "feed=:AAAA:") }, body, key, id, noon, ErrSignature},
		"a long one":       {func(m *Message) { m.Header.Set(InputHeader, strings.Repeat("x", maxHeader+1)) }, body, key, id, noon, ErrSignature},
		"nothing covered":  {func(m *Message) { resign(m, `();created=`) }, body, key, id, noon, ErrUnsigned},
		"the query left": {func(m *Message) {
			resign(m, `("@status" "@method";req "@path";req "content-type" "content-digest");created=`)
		}, body, key, id, noon, ErrUnsigned},
		"a list not closed": {func(m *Message) { resign(m, `("@status";created=`) }, body, key, id, noon, ErrUnsigned},
	} {
		m := answered(t, false)
		if c.change != nil {
			c.change(&m)
		}
		if err := Verify(m, c.body, public(c.key), c.id, c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// resign signs other components with the right key.
func resign(m *Message, list string) {
	params := list + strconv.FormatInt(noon.Unix(), 10) + `;keyid="` + Fingerprint(public(key)) + `"`
	in, _ := readInput(params)
	text, _ := m.base(in.list, params)
	m.Header.Set(InputHeader, "feed="+params)
	m.Header.Set(SignatureHeader, "feed=:"+base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))+":")
}

func TestPublishedKeys(t *testing.T) {
	t.Parallel()
	doc, err := json.Marshal(Publish(public(key)))
	if err != nil {
		t.Fatal(err)
	}
	fp := Fingerprint(public(key))
	typed, ok := ReadFingerprint(" " + strings.ToUpper(strings.ReplaceAll(fp, "-", " ")) + "\n")
	if !ok || typed != fp {
		t.Errorf("%q is read as %q", fp, typed)
	}
	if _, ok := ReadFingerprint("abcd"); ok {
		t.Error("four digits are taken")
	}
	got, id, err := Published(doc, fp)
	if err != nil || !got.Equal(public(key)) || id != fp {
		t.Errorf("%v %s %v", got, id, err)
	}
	for _, doc := range []string{"", "{}", `{"keys":[{"kty":"RSA"}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"a"}]}`} {
		if _, _, err := Published([]byte(doc), ""); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

// Whatever stands in the headers, reading them ends and lets nothing through.
func FuzzVerify(f *testing.F) {
	m := answered(f, false)
	f.Add(m.Header.Get(InputHeader), m.Header.Get(SignatureHeader), m.Header.Get(DigestHeader))
	f.Add(`a=("x";`, `a=:`, `sha-256`)
	f.Fuzz(func(t *testing.T, input, signature, digest string) {
		m := answered(t, false)
		same := input == m.Header.Get(InputHeader) && signature == m.Header.Get(SignatureHeader) && digest == m.Header.Get(DigestHeader)
		m.Header.Set(InputHeader, input)
		m.Header.Set(SignatureHeader, signature)
		m.Header.Set(DigestHeader, digest)
		other := append([]byte(nil), body...)
		other[0]++
		if Verify(m, other, public(key), Fingerprint(public(key)), noon) == nil {
			t.Error("another body is let through")
		}
		if err := Verify(m, body, public(key), Fingerprint(public(key)), noon); same && err != nil {
			t.Error(err)
		}
	})
}
