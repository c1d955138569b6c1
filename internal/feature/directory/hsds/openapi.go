package hsds

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// describe gives the interface as OpenAPI has it.
func describe(w http.ResponseWriter, r *http.Request) error {
	b, err := document()
	if err != nil {
		return err
	}
	return web.Document(w, r, "application/json", b)
}

type object = map[string]any

// document is made of the same tables as the interface itself.
var document = sync.OnceValues(func() ([]byte, error) {
	paths := object{"/": object{"get": object{
		"operationId": "about", "summary": "Which HSDS this interface speaks",
		"responses": object{"200": answer("The version and profile of HSDS.", object{"type": "object", "required": []string{"version", "profile", "openapi_url"}})},
	}}}
	paths["/keys"] = object{"get": object{
		"operationId": "keys", "summary": "The key that signs each answer (RFC 9421), as RFC 7517 writes it",
		"responses": object{"200": answer("Public keys; each is called by its fingerprint.", object{"type": "object", "required": []string{"keys"}})},
	}}
	for _, feed := range feeds {
		paths["/"+string(feed)] = object{"get": listOf(feed, false), "post": listOf(feed, true)}
		paths["/"+string(feed)+"/{id}"] = oneOf(feed)
	}
	paths["/changes"] = describeChanges()
	return json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Directory of services, in the form of HSDS", "version": Version,
			"description": "Services that somebody has checked. Conditions are cumulative. Of a confidential place there is only that it is there. No key is needed. Each answer is signed.",
		},
		"externalDocs": object{"url": Profile, "description": "Human Services Data Specification"},
		"servers":      []any{object{"url": root}},
		"paths":        paths,
		"components":   object{"schemas": object{"Page": pageSchema, "Problem": problemSchema}},
	}, "", "  ")
})

// required are the fields that each record of a feed has.
var required = map[directory.Feed][]string{
	directory.Services: {"id", "name", "status"}, directory.Organizations: {"id", "name", "description"}, directory.ServicesAt: {"id"},
	directory.Taxonomies: {"id", "name", "description"}, directory.Terms: {"id", "name", "description"},
}

func recordSchema(feed directory.Feed) object {
	return object{"type": "object", "required": required[feed], "properties": object{"id": object{"type": "string", "format": "uuid"}}}
}

// listOf describes a list. In a POST the same parameters stand in the body, so
// that what somebody looks for is in no address.
func listOf(feed directory.Feed, post bool) object {
	var params []any
	properties := object{}
	for _, p := range parameters {
		if !slices.Contains(p.feeds, feed) {
			continue
		}
		schema := object{"type": p.kind}
		params = append(params, object{"name": p.name, "in": "query", "required": false, "description": p.help, "schema": schema})
		properties[p.name] = object{"type": p.kind, "description": p.help}
	}
	minimal := object{"type": "object", "required": []string{"id", "modified_date"}}
	items := object{"anyOf": []any{recordSchema(feed), minimal}}
	if feed != directory.Services {
		items = recordSchema(feed)
	}
	verb, id := "list", "list_"
	if post {
		verb, id = "search", "search_"
	}
	op := object{
		"operationId": id + string(feed), "summary": verb + " " + string(feed), "parameters": params,
		"responses": object{
			"200": answer("A page.", object{"allOf": []any{object{"$ref": "#/components/schemas/Page"}, object{"properties": object{"contents": object{"type": "array", "items": items}}}}}),
			"422": problem("A parameter has no meaning here, or is not known."),
		},
	}
	if post {
		body := object{"schema": object{"type": "object", "properties": properties}}
		op["requestBody"] = object{"required": false, "content": object{"application/json": body, "application/x-www-form-urlencoded": body}}
	}
	return op
}

func oneOf(feed directory.Feed) object {
	params := []any{object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string", "format": "uuid"}}}
	if feed == directory.Organizations {
		params = append(params, object{"name": "full_service", "in": "query", "required": false, "description": "With their services.", "schema": object{"type": "boolean"}})
	}
	return object{"get": object{
		"operationId": "get_" + string(feed), "summary": "one of " + string(feed), "parameters": params,
		"responses": object{
			"200": answer("The record with everything inside.", recordSchema(feed)),
			"404": problem("There is none with this id that may be seen."),
		},
	}}
}

func answer(what string, schema object) object {
	return object{"description": what, "content": object{"application/json": object{"schema": schema}}}
}

func problem(what string) object {
	return object{"description": what, "content": object{"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}}}
}

var pageSchema = object{
	"type":     "object",
	"required": []string{"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"},
	"properties": object{
		"total_items": object{"type": "integer"}, "total_pages": object{"type": "integer"}, "page_number": object{"type": "integer"}, "size": object{"type": "integer"},
		"first_page": object{"type": "boolean"}, "last_page": object{"type": "boolean"}, "empty": object{"type": "boolean"}, "contents": object{"type": "array"},
	},
}

var problemSchema = object{
	"type": "object", "required": []string{"title", "status"},
	"properties": object{
		"title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string"},
		"field": object{"type": "string", "description": "The parameter that it is about."},
	},
}
