package site

// sign is a group of the checklist. The numbers are those of the indicators
// that the sentences restate.
type sign struct {
	Group string
	Signs []string
}

// signs puts what others do first and what a body shows last: a person who
// reads this about themselves knows the first best. The last group is no sign
// at all, only what makes somebody easier to use.
var signs = []sign{
	{"control", []string{"i19", "i18", "i17", "i12", "i23", "i22", "i20", "i21"}},
	{"life", []string{"i13", "i11", "i08", "i10", "i09", "i14", "i15", "i16"}},
	{"body", []string{"i02", "i05", "i04", "i03", "i01", "i07", "i06"}},
	{"child", []string{"i27", "i28"}},
	{"risk", []string{"i24", "i25", "i26"}},
}

func checklist(*page) any { return signs }
