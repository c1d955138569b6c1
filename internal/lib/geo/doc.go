// Package geo knows places: towns with their region, country, position and
// time zone; US ZIP codes; the countries and regions of ISO 3166.
//
// It promises that everything is inside the program: a lookup asks nobody on
// the network, and so tells nobody what somebody in danger typed. The data is
// read once, on the first lookup.
//
// Its limits: a town is a point, not an area. Places come from GeoNames, with
// 1000 people or more everywhere and every post office in the USA; there is
// no street, and no postal code outside the USA. Spelling mistakes are not
// corrected. Regions carry their ISO code only where that is certain, and a
// place whose region is not certain has none. See data/SOURCES.md.
package geo

// Attribution must stand wherever the places are shown or passed on: their
// licence asks for nothing else.
const Attribution = "Place data © GeoNames (geonames.org), CC BY 4.0"
