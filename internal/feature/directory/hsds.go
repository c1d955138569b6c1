package directory

import "strings"

// Object is one HSDS object as read: nothing that was in it is dropped, known
// or not. Values are string, json.Number, bool, nil, []any and Object.
type Object = map[string]any

// Entity names, as in HSDS 3.1 (singular).
const (
	entOrganization = "organization"
	entService      = "service"
	entLocation     = "location"
	entSAL          = "service_at_location"
	entPhone        = "phone"
	entContact      = "contact"
	entAddress      = "address"
	entSchedule     = "schedule"
	entLanguage     = "language"
	entAttribute    = "attribute"
	entMetadata     = "metadata"
	entProgram      = "program"
	entTaxonomy     = "taxonomy"
	entTerm         = "taxonomy_term"
	entUnit         = "unit"
	entCapacity     = "service_capacity"
	entCost         = "cost_option"
	entTableNote    = "meta_table_description"
	// entLoose is ours: a row that names nothing we know. It is kept, and not shown.
	entLoose = "loose"
)

// entity says how one HSDS table hangs together with the others.
type entity struct {
	name    string
	files   []string          // stems of files that hold it, HSDS 3 first, then older and looser names
	record  bool              // kept as a record of its own; others live inside their parents
	list    string            // name of the list that holds it in a parent
	parents map[string]string // field → entity that the field names
	refs    map[string]string // field → entity named, without living in it
	columns []string          // columns of the HSDS 3.1 table, for export
	renames map[string]string // older column → 3.1 column

	number       uint8    // position in the list below
	parentFields []string // the names in parents, sorted
}

var entities = []*entity{
	{
		name: entOrganization, record: true, files: []string{"organizations", "organization"},
		refs:    map[string]string{"parent_organization_id": entOrganization},
		columns: []string{"id", "name", "alternate_name", "description", "email", "website", "tax_status", "tax_id", "year_incorporated", "legal_status", "logo", "uri", "parent_organization_id"},
		renames: map[string]string{"url": "website", "alternative_name": "alternate_name"},
	},
	{
		name: entService, record: true, files: []string{"services", "service"},
		refs:    map[string]string{"organization_id": entOrganization, "program_id": entProgram},
		columns: []string{"id", "organization_id", "program_id", "name", "alternate_name", "description", "url", "email", "status", "interpretation_services", "application_process", "fees_description", "wait_time", "fees", "accreditations", "eligibility_description", "minimum_age", "maximum_age", "assured_date", "assurer_email", "licenses", "alert", "last_modified"},
		renames: map[string]string{"website": "url", "eligibility": "eligibility_description", "alternative_name": "alternate_name"},
	},
	{
		name: entLocation, record: true, list: "locations", files: []string{"locations", "location"},
		refs:    map[string]string{"organization_id": entOrganization},
		columns: []string{"id", "location_type", "url", "organization_id", "name", "alternate_name", "description", "transportation", "latitude", "longitude", "external_identifier", "external_identifier_type"},
		renames: map[string]string{"alternative_name": "alternate_name"},
	},
	{
		name: entSAL, list: "service_at_locations", files: []string{"service_at_location", "service_at_locations", "services_at_location", "services_at_locations"},
		parents: map[string]string{"service_id": entService},
		refs:    map[string]string{"location_id": entLocation},
		columns: []string{"id", "service_id", "location_id", "description"},
	},
	{
		name: entProgram, list: "programs", files: []string{"programs", "program"},
		parents: map[string]string{"organization_id": entOrganization},
		columns: []string{"id", "organization_id", "name", "alternate_name", "description"},
	},
	{
		name: entContact, list: "contacts", files: []string{"contacts", "contact"},
		parents: map[string]string{"organization_id": entOrganization, "service_id": entService, "service_at_location_id": entSAL, "location_id": entLocation},
		columns: []string{"id", "organization_id", "service_id", "service_at_location_id", "location_id", "name", "title", "department", "email"},
	},
	{
		name: entPhone, list: "phones", files: []string{"phones", "phone"},
		parents: map[string]string{"location_id": entLocation, "service_id": entService, "organization_id": entOrganization, "contact_id": entContact, "service_at_location_id": entSAL},
		columns: []string{"id", "location_id", "service_id", "organization_id", "contact_id", "service_at_location_id", "number", "extension", "type", "description"},
		renames: map[string]string{"number_type": "type"},
	},
	{
		name: entAddress, list: "addresses", files: []string{"addresses", "address", "physical_addresses", "postal_addresses", "mail_addresses", "physical_address", "postal_address"},
		parents: map[string]string{"location_id": entLocation},
		columns: []string{"id", "location_id", "attention", "address_1", "address_2", "city", "region", "state_province", "postal_code", "country", "address_type"},
	},
	{
		name: entSchedule, list: "schedules", files: []string{"schedules", "schedule", "regular_schedules", "regular_schedule", "holiday_schedules", "holiday_schedule"},
		parents: map[string]string{"service_id": entService, "location_id": entLocation, "service_at_location_id": entSAL},
		columns: []string{"id", "service_id", "location_id", "service_at_location_id", "valid_from", "valid_to", "dtstart", "timezone", "until", "count", "wkst", "freq", "interval", "byday", "byweekno", "bymonthday", "byyearday", "description", "opens_at", "closes_at", "schedule_link", "attending_type", "notes"},
	},
	{
		name: "funding", list: "funding", files: []string{"funding", "fundings"},
		parents: map[string]string{"organization_id": entOrganization, "service_id": entService},
		columns: []string{"id", "organization_id", "service_id", "source"},
	},
	{
		name: "service_area", list: "service_areas", files: []string{"service_areas", "service_area"},
		parents: map[string]string{"service_id": entService, "service_at_location_id": entSAL},
		columns: []string{"id", "service_id", "service_at_location_id", "name", "description", "extent", "extent_type", "uri"},
		renames: map[string]string{"service_area": "name"},
	},
	{
		name: "required_document", list: "required_documents", files: []string{"required_documents", "required_document"},
		parents: map[string]string{"service_id": entService},
		columns: []string{"id", "service_id", "document", "uri"},
	},
	{
		name: entLanguage, list: "languages", files: []string{"languages", "language"},
		parents: map[string]string{"service_id": entService, "location_id": entLocation, "phone_id": entPhone},
		columns: []string{"id", "service_id", "location_id", "phone_id", "name", "code", "note"},
		renames: map[string]string{"language": "name"},
	},
	{
		name: "accessibility", list: "accessibility", files: []string{"accessibility", "accessibility_for_disabilities"},
		parents: map[string]string{"location_id": entLocation},
		columns: []string{"id", "location_id", "description", "details", "url"},
		renames: map[string]string{"accessibility": "description"},
	},
	{
		name: entCost, list: "cost_options", files: []string{"cost_options", "cost_option"},
		parents: map[string]string{"service_id": entService},
		columns: []string{"id", "service_id", "valid_from", "valid_to", "option", "currency", "amount", "amount_description"},
	},
	{
		name: entCapacity, list: "capacities", files: []string{"service_capacity", "service_capacities"},
		parents: map[string]string{"service_id": entService},
		refs:    map[string]string{"unit_id": entUnit},
		columns: []string{"id", "service_id", "unit_id", "available", "maximum", "description", "updated"},
	},
	{
		name: "organization_identifier", list: "organization_identifiers", files: []string{"organization_identifiers", "organization_identifier"},
		parents: map[string]string{"organization_id": entOrganization},
		columns: []string{"id", "organization_id", "identifier_scheme", "identifier_type", "identifier"},
	},
	{
		name: "url", list: "urls", files: []string{"url", "urls"},
		parents: map[string]string{"organization_id": entOrganization, "service_id": entService},
		columns: []string{"id", "label", "url", "organization_id", "service_id"},
	},
	{
		name: entAttribute, list: "attributes", files: []string{"attributes", "attribute", "service_attributes", "services_taxonomy", "service_taxonomy", "service_taxonomies", "other_attributes"},
		refs:    map[string]string{"taxonomy_term_id": entTerm},
		columns: []string{"id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value", "label"},
	},
	{
		name: entMetadata, list: "metadata", files: []string{"metadata"},
		columns: []string{"id", "resource_id", "resource_type", "last_action_date", "last_action_type", "field_name", "previous_value", "replacement_value", "updated_by"},
	},
	{
		name: entTaxonomy, record: true, files: []string{"taxonomies", "taxonomy"},
		columns: []string{"id", "name", "description", "uri", "version"},
	},
	{
		name: entTerm, record: true, files: []string{"taxonomy_terms", "taxonomy_term"},
		refs:    map[string]string{"parent_id": entTerm, "taxonomy_id": entTaxonomy},
		columns: []string{"id", "code", "name", "description", "parent_id", "taxonomy", "language", "taxonomy_id", "term_uri"},
	},
	{
		name: entUnit, record: true, files: []string{"units", "unit"},
		columns: []string{"id", "name", "scheme", "identifier", "uri"},
	},
	{
		name: entTableNote, record: true, files: []string{"meta_table_descriptions", "meta_table_description"},
		columns: []string{"id", "name", "language", "character_set"},
	},
}

var entityByName, entityByFile, entityByList = joinEntities()

// numeric are the fields that HSDS gives as numbers. A value that is no number
// stays the text that it was.
var numeric = map[string]bool{
	"latitude": true, "longitude": true, "timezone": true, "count": true, "interval": true,
	"amount": true, "minimum_age": true, "maximum_age": true, "year_incorporated": true,
	"extension": true, "available": true, "maximum": true,
}

func joinEntities() (byName, byFile, byList map[string]*entity) {
	byName, byFile, byList = map[string]*entity{}, map[string]*entity{}, map[string]*entity{}
	for i, e := range entities {
		e.number, e.parentFields = uint8(i), sortedKeys(e.parents) //nolint:gosec // a few dozen
		byName[e.name] = e
		for _, f := range e.files {
			byFile[f] = e
		}
		if e.list != "" {
			byList[e.list] = e
		}
	}
	byList["additional_urls"] = byName["url"]
	byList["additional_websites"] = byName["url"]
	byList["accessibilities"] = byName["accessibility"]
	byList["fundings"] = byName["funding"]
	byList["services"] = byName[entService]
	return byName, byFile, byList
}

// str is the text of a field, or "".
func str(o Object, field string) string {
	switch v := o[field].(type) {
	case string:
		return v
	case interface{ String() string }: // json.Number
		return v.String()
	}
	return ""
}

// objects is the list of objects in a field.
func objects(o Object, field string) []Object {
	list, _ := o[field].([]any)
	out := make([]Object, 0, len(list))
	for _, v := range list {
		if c, ok := v.(Object); ok {
			out = append(out, c)
		}
	}
	return out
}

// empty says whether a value says nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case Object:
		return len(v) == 0
	}
	return false
}

// first is the first of the texts that says something.
func first(s ...string) string {
	for _, v := range s {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// truth reads yes and no as JSON and as CSV have them.
func truth(v any) bool {
	if b, ok := v.(bool); ok {
		return b
	}
	s, _ := v.(string)
	return strings.EqualFold(s, "true") || strings.EqualFold(s, "yes") || s == "1"
}
