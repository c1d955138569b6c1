package site

import "time"

// Closed says that nobody is on the line now. Where the hours are not known,
// nobody can say that.
func (p *page) Closed() bool {
	o := p.Facts.Opening
	return !p.Facts.Always && o.Known && !o.Open
}

// Day writes a day as it is where the hotline is.
func (p *page) Day(t time.Time) string { return p.W.Date(p.zoned(t)) }

// DoorLine says in words whether a service is open now, empty where that is not
// known. Its times are those of the clock on its door.
func (p *page) DoorLine(o Opening) string {
	switch {
	case !o.Known:
		return ""
	case o.Open && o.Until.IsZero():
		return p.W.T("site.services.open")
	case o.Open:
		return p.W.T("site.services.open_until", "time", p.W.Time(o.Until))
	case o.Next.IsZero():
		return p.W.T("site.services.shut")
	}
	return p.W.T("site.services.shut_until", "day", p.W.Weekday(o.Next.Weekday()), "time", p.W.Time(o.Next))
}

// OpenLine says in words whether somebody answers now, when that is known.
func (p *page) OpenLine() string {
	o := p.Facts.Opening
	at := func(t time.Time) string {
		t = p.zoned(t)
		if t.Sub(p.zoned(time.Now())) > 20*time.Hour {
			return p.W.Weekday(t.Weekday()) + " " + p.W.Time(t)
		}
		return p.W.Time(t)
	}
	switch {
	case p.Facts.Always:
		return p.W.T("site.home.open_always")
	case !o.Known:
		return ""
	case o.Open && o.Until.IsZero():
		return p.W.T("site.home.open")
	case o.Open:
		return p.W.T("site.home.open_until", "time", at(o.Until))
	case o.Next.IsZero():
		return p.W.T("site.home.closed")
	}
	return p.W.T("site.home.closed_until", "when", at(o.Next))
}
