package invent

import (
	"math/rand/v2"
	"strings"
)

// plain are words that descriptions of services are made of, the commonest first.
var plain = strings.Fields(`and the of to for in with a or services support help provides people who are is our their on by free
	community families children available individuals assistance program women care health information access needs offers emergency housing
	legal training education counselling staff local adults food group referral resources centre clients safe youth home case survivors
	management clinic advice appointment confidential trained language interpreters workers benefits employment crisis trauma violence shelter
	meals transport immigration asylum documents court advocates therapy medical dental nurse doctor pregnancy parents baby clothing laundry
	shower phone website contact walk online weekly evening weekend volunteers donations partners agencies schools hospital police church
	mosque temple library museum garden kitchen workshop computer skills resume interview placement apprenticeship scholarship tuition
	exams citizenship visa refugees migrants domestic trafficking labour wages rights complaints safety planning protection order relocation
	deposit rent utilities bills debt budget savings credit pension disability wheelchair deaf blind autism dementia addiction recovery detox
	needle overdose prevention screening vaccination nutrition diabetes heart cancer hospice grief bereavement mediation parenting fostering
	adoption playground nursery homework mentoring sports music theatre painting pottery sewing carpentry plumbing welding driving licence
	bicycle repair furniture bedding blankets toiletries hygiene nappies formula toys books radio newsletter map translation certified sworn
	signature notary probate eviction landlord tenant mortgage foreclosure repossession bankruptcy tax refund return claim appeal hearing tribunal`)

// vocabulary is those words and made-up ones, together as many as a directory of
// a country has.
func vocabulary() []string {
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same for every seed
	list := append([]string(nil), plain...)
	seen := map[string]bool{}
	for _, w := range list {
		seen[w] = true
	}
	onset := strings.Fields(`b br c ch cl cr d dr f fl g gl gr h j k l m n p pl pr qu r s sc sh sl sp st str t tr v w`)
	nucleus := strings.Fields(`a e i o u ai ea ee oa ou`)
	coda := strings.Fields(`n r l s t m d ck nd st rt mp x ng`)
	for len(list) < 24_000 {
		var w strings.Builder
		for range 2 + r.IntN(2) {
			w.WriteString(onset[r.IntN(len(onset))] + nucleus[r.IntN(len(nucleus))])
		}
		w.WriteString(coda[r.IntN(len(coda))])
		if !seen[w.String()] {
			seen[w.String()] = true
			list = append(list, w.String())
		}
	}
	return list
}

// Word picks one that somebody may look for: neither the commonest nor one that
// stands in a single text.
func (m *Maker) Word(r *rand.Rand) string {
	return m.vocab[60+int(float64(1200)*r.Float64()*r.Float64())]
}
