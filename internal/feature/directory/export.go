package directory

import (
	"bufio"
	"context"
	"io"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Format is a form of HSDS that an export can have.
type Format string

// The formats.
const (
	JSON        Format = "json"        // one page with everything in it
	NDJSON      Format = "ndjson"      // a service on each line
	DataPackage Format = "datapackage" // CSV tables in a ZIP archive
)

// Formats are all of them.
var Formats = []Format{JSON, NDJSON, DataPackage}

// Export writes the verified services of an agency in the form of HSDS 3.1,
// with their organization and locations. Reading it again gives equal records.
// What the public may not see is not in it. It is written piece by piece.
func (f *Feature) Export(ctx context.Context, agency string, format Format, w io.Writer) (err error) {
	defer errs.Wrap(&err, "directory.Export")
	out := bufio.NewWriterSize(w, 1<<16)
	if format == DataPackage {
		p, err := f.Published(ctx, agency)
		if err != nil {
			return err
		}
		if err := p.tables(out); err != nil {
			return err
		}
		return out.Flush()
	}
	list, err := f.Offer(ctx, Ask{Feed: Services, Full: true, Query: Query{Agency: agency}})
	if err != nil {
		return err
	}
	if err := WriteOffer(out, list, format, PageOf{Number: 1, Size: max(1, list.Total), Total: list.Total}); err != nil {
		return err
	}
	return out.Flush()
}
