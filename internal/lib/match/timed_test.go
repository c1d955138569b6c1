package match

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What holds at a moment is the same whether all were looked at, or only those
// whose verification ended since an earlier one.
func TestMomentsFollowEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := newBuilder()
		for n := range rapid.IntRange(1, 200).Draw(t, "services") {
			b.add(drawFacts(t, n))
		}
		s, _ := finish(b)
		now := noon.Add(-40 * time.Hour)
		for range 12 {
			now = now.Add(time.Duration(rapid.IntRange(-60, 600).Draw(t, "minutes")) * time.Minute)
			at := now.UnixMicro()
			got, want := s.moment(at), s.look(at)
			for name, pair := range map[string][2]*set{
				"public": {got.public, want.public}, "verified": {got.verified, want.verified}, "lapsed": {got.lapsed, want.lapsed}, "never": {got.never, want.never},
			} {
				if !slices.Equal(pair[0].bits, pair[1].bits) || pair[0].n != pair[1].n {
					t.Fatalf("%s at %s is not what a look at all finds", name, now)
				}
			}
			if !slices.Equal(got.grade, want.grade) {
				t.Fatalf("grades at %s: %v, want %v", now, got.grade, want.grade)
			}
			if at < got.from || at >= got.to {
				t.Fatalf("it holds from %d to %d, asked at %d", got.from, got.to, at)
			}
		}
	})
}
