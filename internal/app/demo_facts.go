package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// demoGeneral are the facts of a hotline that does not exist. Its numbers are
// from the range that is kept free for stories (NANP 555-0100 to 555-0199).
var demoGeneral = admin.General{
	Country: "US", Zone: "America/Chicago", Numbers: []string{"+1 202-555-0143"}, Text: "+1 202-555-0178", Always: true,
	Languages: []string{"en", "es", "zh", "ru", "pl", "ar"}, Interpret: true, NoName: true,
	Cost: "free", Recording: "none", Told: "consent", Police: "consent", Immigration: "never", Limits: "child_danger",
}

// demoLocal is what differs between languages.
var demoLocal = map[string]admin.Local{
	"en": {Name: "Example Line", Title: "Customer Service", WhoCalls: "everybody. You do not need papers or insurance."},
	"es": {Name: "Línea Ejemplo", Title: "Atención al cliente", WhoCalls: "cualquier persona. No hacen falta papeles ni seguro."},
	"zh": {Name: "示例热线", Title: "客户服务", WhoCalls: "任何人。不需要证件或保险。"},
	"ru": {Name: "Линия «Пример»", Title: "Обслуживание клиентов", WhoCalls: "любой человек. Документы и страховка не нужны."},
	"pl": {Name: "Linia Przykład", Title: "Obsługa klienta", WhoCalls: "każdy. Nie trzeba dokumentów ani ubezpieczenia."},
	"ar": {Name: "خط المثال", Title: "خدمة العملاء", WhoCalls: "أي شخص. لا حاجة إلى أوراق أو تأمين."},
}

// demoExit is where leaving a demonstration's pages leads.
const demoExit = "https://www.wikipedia.org/"

// demoFacts fills in the facts, and turns every language on: a demonstration
// says on every page that it is one.
func (a *App) demoFacts(ctx context.Context) error {
	return a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		general := demoGeneral
		for _, l := range i18n.Languages() {
			general.Public = append(general.Public, l.Code)
		}
		if err := admin.SaveGeneral(ctx, tx, homeAgency, "", 0, general); err != nil {
			return err
		}
		for lang, local := range demoLocal {
			local.ExitURL = demoExit
			if err := admin.SaveLocal(ctx, tx, homeAgency, lang, "", 0, local); err != nil {
				return err
			}
		}
		return nil
	})
}
