package directory

import (
	"io"
	"strconv"
)

// PageOf is a place in a list, counted in pages from 1.
type PageOf struct{ Number, Size, Total int }

// Pages is how many there are: none of an empty list.
func (p PageOf) Pages() int {
	if p.Total == 0 {
		return 0
	}
	return (p.Total-1)/p.Size + 1
}

// From and To are the items on the page.
func (p PageOf) From() int { return min(p.Total, (p.Number-1)*p.Size) }

// To is one behind the last.
func (p PageOf) To() int { return min(p.Total, p.From()+p.Size) }

// Head is the envelope of HSDS up to the opening bracket of its contents.
func (p PageOf) Head(b []byte) []byte {
	field := func(name string, n int) {
		b = strconv.AppendInt(append(append(append(b, '"'), name...), '"', ':'), int64(n), 10)
		b = append(b, ',')
	}
	flag := func(name string, yes bool) {
		b = strconv.AppendBool(append(append(append(b, '"'), name...), '"', ':'), yes)
		b = append(b, ',')
	}
	size := p.To() - p.From()
	b = append(b, '{')
	field("total_items", p.Total)
	field("total_pages", p.Pages())
	field("page_number", p.Number)
	field("size", size)
	flag("first_page", p.Number == 1)
	flag("last_page", p.Number >= p.Pages())
	flag("empty", size == 0)
	return append(b, `"contents":[`...)
}

// WriteOffer writes the items of a page, or as NDJSON all items.
func WriteOffer(w io.Writer, list Offer, format Format, page PageOf) error {
	var b []byte
	from, to := page.From(), page.To()
	if format == NDJSON {
		from, to = 0, list.Total
	} else if _, err := w.Write(page.Head(nil)); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		b = b[:0]
		if format != NDJSON && i > from {
			b = append(b, ',')
		}
		b = list.Append(b, i)
		if format == NDJSON {
			b = append(b, '\n')
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	if format == NDJSON {
		return nil
	}
	_, err := io.WriteString(w, "]}\n")
	return err
}
