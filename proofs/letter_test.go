package proofs

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// letter is something that somebody sends, the same each time.
type letter struct {
	channel, language, path, kind, body, once, cookie string
	want                                              int

	code string // of the mailbox that it was given
}

// languages are some whose codes stay as they are.
var languages = strings.Fields("af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ku ky lo lt lv mk ml mn mr ms my ne nl pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th tk tr uk ur uz vi xh yo zu")

// until sends the letter again and again until the program says that it has it.
func (l *letter) until(ctx context.Context, site func() string) error {
	for {
		status, answer, err := l.send(ctx, site())
		switch {
		case err == nil && status == l.want:
			var receipt struct{ Code string }
			if l.channel == "api" && json.Unmarshal(answer, &receipt) == nil {
				l.code = receipt.Code
			}
			return nil
		case err == nil && status < 500 && status != http.StatusTooManyRequests:
			return fmt.Errorf("status %d: %.300s", status, answer)
		case ctx.Err() != nil:
			return fmt.Errorf("status %d: %w", status, ctx.Err())
		}
		time.Sleep(5 * time.Millisecond) // it is being started again
	}
}

func (l *letter) send(ctx context.Context, site string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, site+l.path, strings.NewReader(l.body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", l.kind)
	if l.language != "" {
		req.Header.Set("Accept-Language", l.language)
	}
	if l.once != "" {
		req.Header.Set("Idempotency-Key", l.once)
	}
	if l.cookie != "" {
		req.Header.Set("Cookie", "desk="+l.cookie)
	}
	resp, err := noRedirects.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}
