package site

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Spot is where a service is, seen from the place that was asked for. Only a
// place whose address anybody may know has one.
type Spot struct{ East, North float64 } // km

// drawing is the map of what was found: no streets, which would have to be
// fetched from somebody who then knows, but rings and numbers that say in which
// direction and how far. The list beside it says the same in words.
type drawing struct {
	Rings []ring
	Dots  []dot
}

type ring struct{ R, Y, Label string } // Y is where its distance stands

type dot struct{ X, Y, N string } // N is the numbers in the list, several where they are at one place

const (
	mapSize = 320 // units of the drawing; its style makes it as wide as the page allows
	mapEdge = 16
	dotSize = 14 // closer than that, two numbers would cover each other
)

// Map is nil when there is nothing to draw.
func (s *servicesPage) Map() *drawing {
	far, drawn := 0.0, false
	for _, one := range s.Found.Services {
		if one.Spot != nil {
			drawn, far = true, max(far, math.Hypot(one.Spot.East, one.Spot.North))
		}
	}
	if !drawn || s.Found.Place == "" {
		return nil
	}
	m := &drawing{}
	edge := float64(roundUp(far))
	scale := (mapSize/2 - mapEdge) / edge
	for _, km := range []float64{edge / 2, edge} {
		m.Rings = append(m.Rings, ring{unit(km * scale), unit(mapSize/2 + km*scale + 12), s.page.W.Decimal(km, decimals(km))})
	}
	m.Dots = dots(s.Found.Services, scale)
	return m
}

func dots(list []Service, scale float64) (out []dot) {
	type at struct {
		x, y    float64
		numbers []string
	}
	var places []*at
	for i, one := range list {
		if one.Spot == nil {
			continue
		}
		x, y := mapSize/2+one.Spot.East*scale, mapSize/2-one.Spot.North*scale
		n := strconv.Itoa(i + 1)
		near := slices.IndexFunc(places, func(p *at) bool { return math.Hypot(p.x-x, p.y-y) < dotSize })
		if near < 0 {
			places = append(places, &at{x, y, []string{n}})
			continue
		}
		places[near].numbers = append(places[near].numbers, n)
	}
	for _, p := range places {
		out = append(out, dot{unit(p.x), unit(p.y), strings.Join(p.numbers, ",")})
	}
	return out
}

// roundUp is the next of 1, 2, 5, 10, 20, 50 … kilometres.
func roundUp(km float64) int {
	for step := 1; ; step *= 10 {
		for _, n := range []int{1, 2, 5} {
			if km <= float64(n*step) {
				return n * step
			}
		}
	}
}

func decimals(km float64) int {
	if km == math.Trunc(km) {
		return 0
	}
	return 1
}

func unit(v float64) string { return fmt.Sprintf("%.1f", v) }
