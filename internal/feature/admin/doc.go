// Package admin is who runs the hotline: accounts, admitting a colleague to the
// groups whose keys their role works with, and the hotline's own facts that
// fill the public pages.
//
// It promises that an administrator makes accounts and admits nobody, and a
// supervisor admits and makes none; that the last person who opens contacts is
// not shut out; that a generated pass phrase is shown once and kept nowhere;
// and that nothing is said in public that nobody has set.
//
// Limits: opening hours have one span a day.
package admin
