package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"

	"github.com/golang/geo/s2"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

// Limits of an area that a source draws: a county has some hundred corners.
const (
	maxExtent  = 1 << 20 // bytes
	maxCorners = 20_000
)

// areasOf are the areas that a service says it serves: codes of countries and
// regions, and keys of shapes.
func areasOf(e *entry) (areas []string, shapes map[string]*s2.Polygon) {
	for _, a := range objects(e.service, "service_areas") {
		if key, shape := shapeOf(str(a, "extent")); shape != nil {
			areas = append(areas, key)
			if shapes == nil {
				shapes = map[string]*s2.Polygon{}
			}
			shapes[key] = shape
			continue
		}
		for _, text := range []string{str(a, "extent"), str(a, "name"), str(a, "description")} {
			if c := areaCode(text, e.country); c != "" {
				areas = append(areas, c)
				break
			}
		}
	}
	return areas, shapes
}

// areaCode is the country or region that people mean by a name; "" if it is none.
func areaCode(name, within string) string {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || len(name) > 80:
		return ""
	case len(name) == 2 && geo.IsCountry(strings.ToUpper(name)):
		return strings.ToUpper(name)
	}
	if code, ok := geo.CountryCode(name); ok {
		return code
	}
	if r, ok := geo.RegionOf(strings.ToUpper(name)); ok {
		return r.Code
	}
	if code, ok := geo.RegionCode(within, name); ok {
		return code
	}
	return ""
}

// drawn is as much of GeoJSON as draws areas.
type drawn struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometry    *drawn          `json:"geometry"`
	Geometries  []drawn         `json:"geometries"`
	Features    []drawn         `json:"features"`
}

// shapeOf reads an area drawn as GeoJSON; nil if the text draws none. The key
// is the same for the same drawing, so that services share it.
func shapeOf(text string) (key string, shape *s2.Polygon) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") || len(text) > maxExtent {
		return "", nil
	}
	var d drawn
	if json.Unmarshal([]byte(text), &d) != nil {
		return "", nil
	}
	left := maxCorners
	loops := d.loops(&left)
	if len(loops) == 0 || left < 0 {
		return "", nil
	}
	shape = s2.PolygonFromLoops(loops)
	if shape.Validate() != nil {
		return "", nil
	}
	sum := sha256.Sum256([]byte(text))
	return "shape:" + hex.EncodeToString(sum[:12]), shape
}

func (d *drawn) loops(left *int) (list []*s2.Loop) {
	inside := append(append([]drawn{}, d.Geometries...), d.Features...)
	if d.Geometry != nil {
		inside = append(inside, *d.Geometry)
	}
	for i := range inside {
		list = append(list, inside[i].loops(left)...)
	}
	var many [][][][]float64
	switch d.Type {
	case "Polygon":
		var one [][][]float64
		if json.Unmarshal(d.Coordinates, &one) != nil {
			return nil
		}
		many = append(many, one)
	case "MultiPolygon":
		if json.Unmarshal(d.Coordinates, &many) != nil {
			return nil
		}
	}
	for _, rings := range many {
		for _, ring := range rings {
			if *left -= len(ring); *left < 0 {
				return nil
			}
			if loop := loopOf(ring); loop != nil {
				list = append(list, loop)
			}
		}
	}
	return list
}

// loopOf is a ring of longitudes and latitudes. Whichever way round it was
// drawn, what is meant is the smaller side.
func loopOf(ring [][]float64) *s2.Loop {
	var points []s2.Point
	for _, c := range ring {
		if len(c) < 2 || !(math.Abs(c[0]) <= 180) || !(math.Abs(c[1]) <= 90) {
			return nil
		}
		p := s2.PointFromLatLng(s2.LatLngFromDegrees(c[1], c[0]))
		if len(points) == 0 || points[len(points)-1] != p {
			points = append(points, p)
		}
	}
	if len(points) > 1 && points[0] == points[len(points)-1] {
		points = points[:len(points)-1]
	}
	if len(points) < 3 {
		return nil
	}
	loop := s2.LoopFromPoints(points)
	if loop.Validate() != nil {
		return nil
	}
	loop.Normalize()
	return loop
}

// areasAt are the areas that a point lies in.
func (ix *index) areasAt(at Point, p place) (tags []string) {
	region := ""
	if near, ok := geo.Nearest(at.Lat, at.Lon); ok {
		region = near.Region
		p.country = first(p.country, near.Country)
	}
	for _, code := range []string{p.country, region} {
		if code != "" {
			tags = append(tags, tagArea+code)
		}
	}
	point := s2.PointFromLatLng(s2.LatLngFromDegrees(at.Lat, at.Lon))
	if shapes := ix.shapes.Load(); shapes != nil {
		for key, shape := range *shapes {
			if shape.ContainsPoint(point) {
				tags = append(tags, tagArea+key)
			}
		}
	}
	return tags
}
