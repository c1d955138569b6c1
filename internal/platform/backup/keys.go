package backup

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"
)

// Recipients reads public keys as age writes them: each given alone, and
// those of a file, one a line. A file is either for the new keys, which also
// a quantum computer does not open (age1pq1…), or for the usual ones (age1…).
func Recipients(given []string, file string) (list []age.Recipient, err error) {
	for _, g := range given {
		more, err := age.ParseRecipients(strings.NewReader(g))
		if err != nil {
			return nil, errors.New("a --recipient is a public key of age: age1pq1… or age1…")
		}
		list = append(list, more...)
	}
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("the file of recipients cannot be read: %w", err)
		}
		defer f.Close() //nolint:errcheck // it was only read
		more, err := age.ParseRecipients(f)
		if err != nil {
			return nil, errors.New("the file of recipients holds, one a line, public keys of age: age1pq1… or age1…")
		}
		list = append(list, more...)
	}
	if len(list) == 0 {
		return nil, errors.New("to whom? --recipients names a file of public keys, --recipient one key. \"clew backup keygen\" makes one")
	}
	hybrid := 0
	for _, r := range list {
		if _, ok := r.(*age.HybridRecipient); ok {
			hybrid++
		}
	}
	if hybrid > 0 && hybrid < len(list) {
		return nil, errors.New("recipients are all age1pq1… or all age1…: with both kinds the stronger would be for nothing")
	}
	return list, nil
}

// Identities reads the secret keys of a file. What is wrong with it is not
// told in the words of the file.
func Identities(file string) ([]age.Identity, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the identity cannot be read: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	list, err := age.ParseIdentities(f)
	if err != nil {
		return nil, errors.New("this is no identity file: it holds, one a line, secret keys of age: AGE-SECRET-KEY-…")
	}
	return list, nil
}

// NewIdentity writes a fresh secret key to w, in age's form of a file, and
// gives its public half.
func NewIdentity(w io.Writer, now time.Time) (recipient string, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", err
	}
	recipient = id.Recipient().String()
	_, err = fmt.Fprintf(w, "# created: %s\n# public key: %s\n%s\n", now.UTC().Format(time.RFC3339), recipient, id)
	return recipient, err
}
