package pack

import (
	"bytes"
	"reflect"
	"testing"
)

func sample() *Table {
	return &Table{
		Admins:     []Admin{{"US", "IL", "Illinois", "US-IL"}, {"PL", "77", "Lesser Poland", "PL-12"}},
		Zones:      []string{"America/Chicago", "Europe/Warsaw"},
		Names:      NewStrings([]string{"Chicago", "Chicago Heights", "Kraków"}),
		Lat:        []int32{41850, 41506, 50061},
		Lon:        []int32{-87650, -87636, 19937},
		Population: []uint32{2720546, 30276, 755050},
		Admin:      []uint32{0, 0, 1},
		Zone:       []uint32{0, 0, 1},
		AltKeys:    NewStrings([]string{"cracovia", "краков"}),
		AltPlaces:  []uint32{2, 2},
		Zips:       []uint32{60411, 60601},
		ZipPlace:   []uint32{1, 0},
		ZipLat:     []int32{41509, 41886},
		ZipLon:     []int32{-87590, -87618},
	}
}

func TestWhatIsPackedComesOutAgain(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if want := sample(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestAnIndexOutsideItsListIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Table){
		"admin": func(t *Table) { t.Admin[1] = 2 },
		"zone":  func(t *Table) { t.Zone[0] = 9 },
		"alt":   func(t *Table) { t.AltPlaces[0] = 3 },
		"zip":   func(t *Table) { t.ZipPlace[0] = 3 },
		"short": func(t *Table) { t.Population = t.Population[:2] },
	} {
		table := sample()
		spoil(table)
		var b bytes.Buffer
		if err := Encode(&b, table); err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(b.Bytes()); err == nil {
			t.Errorf("%s: a damaged table was accepted", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := Encode(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Decode(data)
		if err != nil {
			return
		}
		for i := range table.Names.Len() { // an accepted table can be read
			_ = table.Names.At(i) + table.Admins[table.Admin[i]].Name + table.Zones[table.Zone[i]]
		}
	})
}
