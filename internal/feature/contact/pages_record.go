package contact

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// overlay puts what a form holds over a record. A field that the form does
// not have stays as it was, so that a short form cannot empty a long record.
func overlay(v url.Values, rec Record) (Record, map[string]string) {
	wrong := map[string]string{}
	line := func(field string, into *string) {
		if !v.Has(field) {
			return
		}
		*into = text.Line(v.Get(field))
		if !text.Fits(*into, maxLine) {
			wrong[field] = "contact.error.line_long"
		}
	}
	for field, into := range map[string]*Answer{
		"danger": &rec.Danger, "safe_speak": &rec.SafeSpeak, "safe_voicemail": &rec.SafeVoicemail,
		"safe_text": &rec.SafeText, "interpreter": &rec.Interpreter, "seen_before": &rec.SeenBefore,
	} {
		if v.Has(field) {
			*into = Answer(v.Get(field))
		}
	}
	for field, into := range map[string]*string{
		"language": &rec.Language, "country": &rec.Country, "region": &rec.Region, "place": &rec.Place, "contactor": &rec.Contactor,
		"about_words": &rec.AboutWords, "proximity": &rec.Proximity, "age_group": &rec.AgeGroup, "summary": &rec.Summary,
		"substantive": &rec.Substantive, "disposition": &rec.Disposition, "safe_from": &rec.Safe.From, "safe_to": &rec.Safe.To,
		"safe_note": &rec.Safe.Note, "safe_who": &rec.Safe.WhoAnswers, "safe_cover": &rec.Safe.CoverStory, "safe_word": &rec.Safe.SafeWord,
		"reach": &rec.Reach, "plate": &rec.Plate, "street": &rec.Street,
	} {
		line(field, into)
	}
	if v.Has("request_type") {
		rec.RequestType = RequestType(v.Get("request_type"))
	}
	if v.Has("needs_asked") {
		rec.Needs = slices.Compact(slices.Sorted(slices.Values(v["needs"])))
	}
	if rec.Country != "" && rec.Country != NoCountry && !geo.IsCountry(rec.Country) {
		wrong["country"] = "contact.error.code"
	}
	if code, ok := geo.RegionCode(rec.Country, rec.Region); ok {
		rec.Region = code // by its name, or the end of its code
	}
	rec.Region = strings.ToUpper(rec.Region)
	if rec.Region != "" && (!facts.ValidRegion(rec.Region) || !strings.HasPrefix(rec.Region, rec.Country)) {
		wrong["region"] = "contact.error.region"
	}
	return rec, wrong
}

// settle finds the region of a place that was changed, unless somebody wrote
// the region themselves.
func (f *Feature) settle(before, after Record) Record {
	if after.Region != before.Region || after.Place == before.Place && after.Country == before.Country {
		return after
	}
	where := f.whereabouts(after.Country, after.Place)
	after.Region = ""
	if where.Country != "" && (after.Country == "" || after.Country == where.Country) {
		after.Country, after.Region = where.Country, where.Region
	}
	return after
}

// changed reads a form over the record as it stands.
func (f *Feature) changed(form url.Values, before Record) (Record, map[string]string) {
	if form.Has("country") && form.Get("country") != before.Country && form.Get("region") == before.Region {
		form.Set("region", "") // a region of the country before
		before.Region = ""
	}
	after, wrong := overlay(form, before)
	return f.settle(before, after), wrong
}

// fieldError finds the form field that an error is about.
func fieldError(err error, wrong map[string]string) {
	e := errs.Of(err)
	field := e.Field
	if field == "safe" {
		field = "safe_note"
	}
	wrong[field] = e.Word
}

// postRecord saves the structured record. A script that asks gets what has
// changed in view; a form gets the page again.
func (f *Feature) postRecord(w http.ResponseWriter, r *http.Request) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	c, err := f.look(ctx, s, id)
	if err != nil {
		return f.kept(w, r, err, form.Get("summary"))
	}
	rec, wrong := f.changed(form, c.Record)
	if len(wrong) == 0 {
		if err := f.SaveRecord(ctx, s, id, rec); err != nil {
			if !about(err) {
				return f.kept(w, r, err, form.Get("summary"))
			}
			fieldError(err, wrong)
		}
	}
	v := recordView{frame: f.frame(r), ID: id, R: rec, Errors: wrong, Active: c.State == Active, Saved: len(wrong) == 0}
	if !fromScript(r) {
		if len(wrong) == 0 {
			return web.Redirect(w, "/staff/contacts/"+id+"?show=record")
		}
		return f.contactPage(w, r, http.StatusUnprocessableEntity, pageChange{show: "record", record: &v})
	}
	if len(wrong) > 0 {
		w.Header().Set("HX-Reswap", "outerHTML")
		w.Header().Set("HX-Retarget", "#record")
	}
	people, err := f.colleagues(ctx, s.Person.Agency)
	if err != nil {
		return err
	}
	c.Record = rec
	facts, err := f.factsView(ctx, v.frame, c, people, waitAfter(c.Sent, c.Lines), cameBack(c.Lines))
	if err != nil {
		return err
	}
	facts.Refresh = true
	return f.pages.Part(w, r, "contact", "record-saved", recordSaved{v, facts, rec.Region != form.Get("region") || rec.Country != form.Get("country")})
}

// recordSaved is what a script gets: the facts anew, the form only if
// something in it is wrong, and the fields that were found from another.
type recordSaved struct {
	Form  recordView
	Facts factsView
	Found bool // country and region were found from the place
}

// about says whether an error is about a field of the form.
func about(err error) bool {
	var e *errs.Error
	return errors.As(err, &e) && e.Field != ""
}
