package contact

import "testing"

// The search for services begins with what the record says, and with nothing
// that it does not say.
func TestTheSearchBeginsWithTheRecord(t *testing.T) {
	t.Parallel()
	for group, want := range map[string]string{"adult": "adult", "child": "child", "not_asked": "", "declined": ""} {
		c := Contact{Record: Record{AgeGroup: group, Needs: []string{"shelter"}, Place: "Austin", Language: "es", Danger: Yes}}
		if q := prefill(c); q.AgeGroup != want || q.Need != "shelter" || q.Place != "Austin" || q.Language != "es" || !q.OpenNow {
			t.Errorf("age %q: the panel asks for %+v", group, q)
		}
	}
}
