package db

import (
	"strings"
	"sync"
)

// text is one statement as both engines want it.
type text struct {
	sqlite string
	params int // the highest placeholder
}

// texts remembers rewritten statements. Statements are constants of the
// program; a bound is there for those that are put together.
type texts struct {
	mu   sync.RWMutex
	seen map[string]text
}

const maxTexts = 4096

func (s *texts) get(query string) text {
	s.mu.RLock()
	t, ok := s.seen[query]
	s.mu.RUnlock()
	if ok {
		return t
	}
	t = rewrite(query)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil || len(s.seen) >= maxTexts {
		s.seen = map[string]text{}
	}
	s.seen[query] = t
	return t
}

// rewrite turns $1 into ?1, for to SQLite $1 is a name and gets its number by
// the order of appearance. What stands in quotes or comments stays as it is.
func rewrite(query string) text {
	var out strings.Builder
	params, i := 0, 0
	for i < len(query) {
		switch c := query[i]; {
		case c == '\'' || c == '"':
			end := quoted(query, i)
			out.WriteString(query[i:end])
			i = end
		case strings.HasPrefix(query[i:], "--"):
			end := until(query, i, "\n")
			out.WriteString(query[i:end])
			i = end
		case strings.HasPrefix(query[i:], "/*"):
			end := until(query, i+2, "*/")
			out.WriteString(query[i:end])
			i = end
		case c == '$' && i+1 < len(query) && digit(query[i+1]) && (i == 0 || !word(query[i-1])):
			n, end := 0, i+1
			for end < len(query) && digit(query[end]) && n < 1e6 {
				n = n*10 + int(query[end]-'0')
				end++
			}
			out.WriteByte('?')
			out.WriteString(query[i+1 : end])
			params = max(params, n)
			i = end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return text{out.String(), params}
}

// quoted finds the end of the quoted run that starts at i. A doubled quote
// inside ends one run and starts the next, which comes to the same.
func quoted(s string, i int) int {
	return until(s, i+1, s[i:i+1])
}

// until finds where the next mark after i ends, or the end of s.
func until(s string, i int, mark string) int {
	if n := strings.Index(s[i:], mark); n >= 0 {
		return i + n + len(mark)
	}
	return len(s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func word(c byte) bool {
	return digit(c) || c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
