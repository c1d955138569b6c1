package directory

import "github.com/clew-hotline/clew/internal/lib/stems"

// maxQueryWords bounds the work that one query can ask for.
const maxQueryWords = 16

// queryStems are the words of a query, each with the stems that it may have.
func queryStems(text string) [][]string { return stems.Query(text, maxQueryWords) }
