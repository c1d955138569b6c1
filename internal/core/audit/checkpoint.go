package audit

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Checkpoint is a signed head of a log: so many entries, and this hash over
// them. It says nothing else, so that an outsider may keep it.
//
//	clew-7hq3k2
//	1204
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
//	— clew-7hq3k2 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//
// It is a signed note (https://c2sp.org/signed-note) in the form of
// https://c2sp.org/tlog-checkpoint.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	Note string // the whole of it, signed
}

// newSigner makes the key of a log. Its name is neutral and random: a
// checkpoint lies with somebody who may not know whose it is.
func newSigner() (signer, verifier string, err error) {
	return note.GenerateKey(rand.Reader, "clew-"+ids.New()[:8])
}

// sign makes the checkpoint of a tree.
func sign(signer string, t *tree) (string, error) {
	s, err := note.NewSigner(signer)
	if err != nil {
		return "", ErrDamaged // and not err, which quotes the key
	}
	text := s.Name() + "\n" + strconv.FormatInt(t.size, 10) + "\n" + t.root().String() + "\n"
	b, err := note.Sign(&note.Note{Text: text}, s)
	return string(b), err
}

var errCheckpoint = errors.New("not a checkpoint of this log")

// openCheckpoint reads a checkpoint and checks its signature.
func openCheckpoint(text, verifier string) (c Checkpoint, err error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return c, errCheckpoint
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return c, errCheckpoint
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != v.Name() || lines[3] != "" {
		return c, errCheckpoint
	}
	c.Note = text
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, errCheckpoint
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return c, errCheckpoint
	}
	return c, nil
}

// maxCheckpoints bounds what one file may hold: one a day for a lifetime.
const maxCheckpoints = 40000

// SplitCheckpoints finds the checkpoints in a file in which somebody kept
// them one after another, perhaps with lines of their own in between. What
// they say is not looked at yet. It fails where there is none.
func SplitCheckpoints(file string) (notes []string, err error) {
	lines := strings.Split(strings.TrimPrefix(file, "\ufeff"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], "\r \t") // as mail programs leave them
	}
	for i := 4; i < len(lines); i++ {
		// Three lines, an empty one, and one or more that begin with a dash.
		if !isSignature(lines[i]) || isSignature(lines[i-1]) || lines[i-1] != "" {
			continue
		}
		end := i
		for end < len(lines) && isSignature(lines[end]) {
			end++
		}
		notes = append(notes, strings.Join(lines[i-4:end], "\n")+"\n")
		if len(notes) > maxCheckpoints {
			return nil, errors.New("the file holds too many checkpoints")
		}
	}
	if len(notes) == 0 {
		return nil, errors.New("the file holds no checkpoint")
	}
	return notes, nil
}

func isSignature(line string) bool { return strings.HasPrefix(line, "— ") }
