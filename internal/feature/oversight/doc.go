// Package oversight is how the hotline looks at itself: an auditor reads the
// log of who did what and sees whether it is whole, and a supervisor sees who
// opened a contact, and can give the person a copy of that.
//
// It promises that only members of the audit group read the log, whatever
// their role; that looking is itself an entry; and that a copy for the person
// names roles and not colleagues unless somebody chooses names.
//
// Limits: the log is filtered in memory, some thousands of entries at a time.
// A copy lists the latest thousand entries. What the log protects, and from
// when on, stands in core/audit.
package oversight
