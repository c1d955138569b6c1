package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

type region struct {
	Code   string `json:"code"`
	Parent string `json:"parent"`
	Name   string `json:"name"`
}

// readRegions keeps the first level of ISO 3166-2. The United Kingdom is told
// by its four nations, as its services and laws are, not by its 200 councils;
// France by its regions, Italy and Spain as GeoNames divides them.
func readRegions(path string) (map[string][]region, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []region
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	list := map[string][]region{}
	for _, r := range all {
		// Indonesia's provinces are below its islands, which govern nothing.
		if strings.HasPrefix(r.Parent, "ID-") {
			r.Parent = "ID"
		} else if r.Parent == "ID" {
			continue
		}
		// Estonia's and Lithuania's towns stand beside their counties.
		town := r.Parent == "EE" && len(r.Code) > 5 || r.Parent == "LT" && strings.ContainsAny(r.Code, "0123456789")
		if len(r.Parent) == 2 && r.Parent != "GB" && !town {
			list[r.Parent] = append(list[r.Parent], r)
		}
	}
	list["GB"] = []region{
		{"GB-ENG", "GB", "England"},
		{"GB-NIR", "GB", "Northern Ireland"},
		{"GB-SCT", "GB", "Scotland"},
		{"GB-WLS", "GB", "Wales"},
	}
	return list, nil
}

// readAdmins reads GeoNames' first-level divisions and finds the ISO code of
// each where that is certain enough: see same.
func readAdmins(path string, regions map[string][]region) ([]pack.Admin, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Code string `json:"code"`
		Name string `json:"name"`
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, err
	}
	byCountry := map[string][]*pack.Admin{}
	var admins []*pack.Admin
	for _, r := range rows {
		country, code, ok := strings.Cut(r.Code, ".")
		if !ok {
			return nil, fmt.Errorf("admin code %q", r.Code)
		}
		a := &pack.Admin{Country: country, Code: code, Name: r.Name}
		admins = append(admins, a)
		byCountry[country] = append(byCountry[country], a)
	}
	if err := checkByHand(byCountry, regions); err != nil {
		return nil, err
	}
	for country, list := range byCountry {
		match(country, list, regions[country])
	}
	slices.SortFunc(admins, func(a, b *pack.Admin) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Code, b.Code))
	})
	out := make([]pack.Admin, len(admins))
	found := 0
	for i, a := range admins {
		out[i] = *a
		if a.ISO != "" {
			found++
		} else if os.Getenv("VERBOSE") != "" {
			fmt.Println("no ISO code:", a.Country, a.Code, a.Name)
		}
	}
	fmt.Println(found, "of", len(admins), "divisions have their ISO code")
	return out, nil
}

// match gives divisions their codes in two passes: the same name first, then
// a like name that no other division has a better claim to.
func match(country string, admins []*pack.Admin, regions []region) {
	taken := map[string]bool{}
	twice := map[string]bool{} // a province and its capital: the name decides nothing
	for _, r := range regions {
		_, seen := twice[bare(r.Name)]
		twice[bare(r.Name)] = seen
	}
	give := func(a *pack.Admin, code string) {
		if code != "" && !taken[code] {
			a.ISO, taken[code] = code, true
		}
	}
	for _, a := range admins {
		give(a, byHand[country+" "+a.Name])
	}
	for _, a := range admins {
		for _, r := range regions {
			if a.ISO == "" && !twice[bare(r.Name)] && (fold.Key(r.Name) == fold.Key(a.Name) || country == "US" && r.Code == "US-"+a.Code || bare(r.Name) == bare(a.Name)) {
				give(a, r.Code)
			}
		}
	}
	type pair struct {
		a     *pack.Admin
		code  string
		score float64
	}
	var pairs []pair
	for _, a := range admins {
		for _, r := range regions {
			if a.ISO == "" && !taken[r.Code] && !twice[bare(r.Name)] && country != "TW" {
				if s := likeness(bare(a.Name), bare(r.Name)); s >= 0.7 {
					pairs = append(pairs, pair{a, r.Code, s})
				}
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.code, b.code), cmp.Compare(a.a.Code, b.a.Code))
	})
	for _, p := range pairs {
		if p.a.ISO == "" && !taken[p.code] {
			if os.Getenv("VERBOSE") != "" {
				fmt.Printf("like %.2f: %s %s = %s\n", p.score, country, p.a.Name, p.code)
			}
			give(p.a, p.code)
		}
	}
}

// checkByHand refuses a code that ISO does not have: a slip of the pen would
// put a region's services in another region.
func checkByHand(admins map[string][]*pack.Admin, regions map[string][]region) error {
	for name, code := range byHand {
		country := name[:2]
		if !slices.ContainsFunc(regions[country], func(r region) bool { return r.Code == code }) {
			return fmt.Errorf("by hand: %s has no region %s", name, code)
		}
		if !slices.ContainsFunc(admins[country], func(a *pack.Admin) bool { return country+" "+a.Name == name }) {
			return fmt.Errorf("by hand: GeoNames has no %s", name)
		}
	}
	return nil
}

// generic words say what kind of division it is, not which.
var generic = strings.Fields("oblast oblasts region province state county district prefecture governorate municipality city of the de la el al du des di department parish autonomous republic republika territory division zone canton voivodeship krai kray capital okrug raion rayon muhafazat wilayat and area special metropolitan principado comunidad foral obshtina sheng shi ken fu to dao kraj zupanija judetul")

// bare is a name without the word for what kind of division it is.
func bare(name string) string {
	name, _, _ = strings.Cut(name, ",")
	name, _, _ = strings.Cut(name, " (")
	var keep []string
	for w := range strings.FieldsSeq(fold.Key(name)) {
		if slices.Contains(generic, w) {
			continue
		}
		for _, ending := range []string{"skaya", "skiy"} { // "of Amur", in Russian
			if stem, ok := strings.CutSuffix(w, ending); ok && len(stem) > 3 {
				w = stem
			}
		}
		keep = append(keep, w)
	}
	if keep == nil {
		return fold.Key(name)
	}
	return strings.Join(keep, " ")
}

// likeness is 1 less the share of letters that have to be changed. Names
// whose first two letters differ are never alike: North and South are.
func likeness(a, b string) float64 {
	if len(a) < 4 || len(b) < 4 || a[:2] != b[:2] {
		return 0
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return 1 - float64(row[len(b)])/float64(max(len(a), len(b)))
}

// writeRegions writes every ISO region with the English name where GeoNames has one.
func writeRegions(path string, regions map[string][]region, admins []pack.Admin) error {
	english := map[string]string{}
	for _, a := range admins {
		if a.ISO != "" {
			english[a.ISO] = a.Name
		}
	}
	rows := [][]string{}
	for _, list := range regions {
		for _, r := range list {
			name := english[r.Code]
			if name == "" {
				name = r.Name
			}
			local := r.Name
			if local == name {
				local = ""
			}
			rows = append(rows, []string{r.Code, name, local})
		}
	}
	slices.SortFunc(rows, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return writeCSV(path, append([][]string{{"code", "name", "local"}}, rows...))
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		return err
	}
	return f.Close()
}
