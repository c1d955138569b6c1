package stats

import "sort"

// What may be published of a table.
//
// A figure from 1 to threshold-1 is withheld. If a table has one, its zeros
// are withheld too, for else "withheld" would mean "at least one". What is
// withheld follows in sum from the total, so it has to be enough: at least
// threshold together, and not so much that each would have to be just below
// it. Until then the smallest of the other figures is withheld as well, with
// all that equal it. Where the list of values is open (languages, regions),
// what is withheld is not even named, zeros least of all.
//
// A table without small figures shows its zeros: that nobody did something
// says nothing about anybody.
//
// All tables of a section count the same facts, each fact once in each table.
// So they share their total and nothing else: any two tables with the same
// total fit together, and one says nothing of the other that the total does
// not say. Sections count different facts, and no sum across them is
// published. A total that is itself small is withheld with all its tables.
//
// withhold_test.go proves it by going through all small tables: to somebody
// who has everything published and knows this rule, each withheld figure
// could be at least two numbers, one of them threshold-1 or more. So nobody
// can be told to be one of a few.

// withhold says which values of a table are not published. Counts has every
// value of a closed list, and of an open one those that somebody has.
func withhold(counts map[string]int, open bool, threshold int) map[string]bool {
	withheld := map[string]bool{}
	var others []string
	sum := 0
	for value, n := range counts {
		if n >= threshold {
			others = append(others, value)
			continue
		}
		withheld[value] = true
		sum += n
	}
	if sum == 0 {
		return nil // no small figure; the zeros may be seen
	}
	sort.Slice(others, func(i, j int) bool { return counts[others[i]] < counts[others[j]] })
	tight := !open && sum == len(withheld)*(threshold-1)
	for len(others) > 0 && (sum < threshold || tight) {
		tight = false
		least := counts[others[0]]
		for len(others) > 0 && counts[others[0]] == least {
			withheld[others[0]] = true
			sum += least
			others = others[1:]
		}
	}
	return withheld
}
