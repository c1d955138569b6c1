package blind

import (
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Match is another record that names something that a record names too.
type Match struct {
	Record string
	Kinds  []Kind // what they share, in the order of Kinds
}

// maxMatches bounds what one record is compared with: a number that hundreds
// have named (a colleague's, a police station's) says nothing of anybody.
const maxMatches = 100

// Shared gives the records that name what a record names, up to a hundred, in no
// order that says anything. Who asks must look whether the reader may know of
// each. It finds nothing while the index is sealed; see Open.
func (i *Index) Shared(record string) (list []Match) {
	id, err := ids.Parse(record)
	if i == nil || err != nil {
		return nil
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	if i.table == nil {
		return nil
	}
	at := map[ids.Raw]int{}
	i.table.sharing(id, func(other ids.Raw, kind Kind) {
		n, known := at[other]
		if !known {
			if len(list) == maxMatches {
				return
			}
			n = len(list)
			at[other] = n
			list = append(list, Match{Record: other.String()})
		}
		if !slices.Contains(list[n].Kinds, kind) {
			list[n].Kinds = append(list[n].Kinds, kind)
		}
	})
	for _, m := range list {
		slices.Sort(m.Kinds)
	}
	slices.SortFunc(list, func(a, b Match) int { return strings.Compare(a.Record, b.Record) })
	return list
}
