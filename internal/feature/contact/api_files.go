package contact

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// apiTaken says what became of files.
type apiTaken struct {
	Status   Status       `json:"status"`
	Pictures int          `json:"pictures"`
	Others   int          `json:"others"`
	Refused  []apiRefused `json:"refused"`
}

type apiRefused struct {
	Which   int    `json:"which"`
	Problem string `json:"problem"` // a sentence, as in a Problem's detail
}

// apiFiles adds pictures and files to a contact. It fails only if none was
// taken; what was refused beside others is named.
//
//	POST /api/v1/mailbox/files
//	multipart/form-data: code=1234 5678 9012 3456 7890, language=es, file=…, file=…
//
//	201 {"status": "received", "pictures": 1, "others": 0, "refused": []}
func (f *Feature) apiFiles(w http.ResponseWriter, r *http.Request) error {
	once, err := ParseOnce(r.Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	form, err := web.ReadUpload(w, r, f.UploadLimit())
	if err != nil {
		return err
	}
	box, err := f.OpenMailbox(r.Context(), form.Values.Get("code"))
	if err != nil {
		return err
	}
	taken, err := f.SendFiles(r.Context(), box, Again{Channel: API, Language: form.Values.Get("language")}, form.Next, once)
	if err != nil {
		return err
	}
	if taken.Files() == 0 {
		word := "contact.error.file_none"
		if taken.Refused != nil {
			word = taken.Refused[0].Word
		}
		return errs.In("file", word)
	}
	answer := apiTaken{StatusReceived, taken.Pictures, taken.Others, []apiRefused{}}
	words := f.Web.Words.For(f.Web.Lang(r))
	for _, one := range taken.Refused {
		answer.Refused = append(answer.Refused, apiRefused{one.Which, words.T(one.Word)})
	}
	return web.JSON(w, http.StatusCreated, answer)
}
