package staff

import (
	"slices"

	"github.com/clew-hotline/clew/internal/platform/web"
)

// Role is what somebody does at the hotline. Each has one, so that who runs
// the machine and who reads the stories stay two people, or two accounts.
type Role string

// The roles, as the field names them.
const (
	Advocate      Role = "advocate"
	Supervisor    Role = "supervisor"
	CaseManager   Role = "case_manager"
	Curator       Role = "curator"
	Trainer       Role = "trainer"
	Analyst       Role = "analyst"
	Administrator Role = "administrator"
	Auditor       Role = "auditor"
	Partner       Role = "partner"
	Volunteer     Role = "volunteer"
)

// Roles are all of them, in the order in which forms offer them.
var Roles = []Role{Advocate, Supervisor, CaseManager, Curator, Trainer, Analyst, Administrator, Auditor, Partner, Volunteer}

// The actions of the permission matrix.
const (
	OpenDesk web.Access = "desk.open" // sign in, own settings, presence
	// All that somebody may whose pass phrase another person has made.
	ChangePassphrase web.Access = "passphrase.change"

	ReadQueue       web.Access = "queue.read"       // what is waiting
	ReadContact     web.Access = "contact.read"     // a contact's record and conversation
	FindContact     web.Access = "contact.find"     // by the words that stand in it
	TakeContact     web.Access = "contact.take"     // make a waiting contact one's own
	WriteContact    web.Access = "contact.write"    // answer, record, hand on, close
	OpenOutside     web.Access = "contact.outside"  // open one outside one's own work, with a reason
	ListReferral    web.Access = "referral.list"    // which referrals there are, and how far
	ReadReferral    web.Access = "referral.read"    // referrals of a contact
	WriteReferral   web.Access = "referral.write"   // consent, states, outcome
	ReadFloor       web.Access = "floor.read"       // who is on, who waits, how long
	ReadDirectory   web.Access = "directory.read"   // organizations and services
	EditDirectory   web.Access = "directory.edit"   // change them
	VerifyDirectory web.Access = "directory.verify" // say that they are right
	VetDirectory    web.Access = "directory.vet"    // say that an agency is what it says it is
	HearPublic      web.Access = "directory.hear"   // what the public says is wrong in it
	ReadStats       web.Access = "stats.read"       // exact figures
	PublishStats    web.Access = "stats.publish"    // figures for everybody
	AdmitStaff      web.Access = "staff.admit"      // bring a colleague into a group one is in
	ManageStaff     web.Access = "staff.manage"     // accounts and roles
	ReadGroups      web.Access = "groups.read"      // who opens what, and how far that is after somebody left
	EditGroups      web.Access = "groups.edit"      // make groups, bring colleagues in and take them out
	EditSettings    web.Access = "settings.edit"    // the hotline's own facts, languages
	ReadAudit       web.Access = "audit.read"       // who did what
	SeeReaders      web.Access = "contact.seen"     // who opened one contact
	ReadOutside     web.Access = "outside.read"     // what was opened outside own work, by whom and why
	PlantDecoys     web.Access = "decoy.plant"      // contacts of nobody that raise an alarm when opened
	ReadRecovery    web.Access = "recovery.read"    // how a lost key is made good, and what is asked for
	UseRecovery     web.Access = "recovery.use"     // ask for it, and answer for one's own share
	NameOfficers    web.Access = "recovery.name"    // say among whom the recovery key is shared
	EditRetention   web.Access = "retention.edit"   // how long what is kept
	HoldRecords     web.Access = "retention.hold"   // keep one from being deleted, see what will be
	ConfirmDeletion web.Access = "deletion.confirm" // be sure that the person wants it
)

// matrix says what each role may do. An administrator runs the system and
// reads no record; an analyst counts and reads no record; only those who
// answer and those who lead them open contacts. To whose record: see Can.
var matrix = map[Role][]web.Access{
	Advocate:      {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadQueue, ReadContact, FindContact, TakeContact, WriteContact, OpenOutside, ConfirmDeletion, ListReferral, ReadReferral, WriteReferral, ReadDirectory},
	Supervisor:    {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadQueue, ReadContact, FindContact, TakeContact, WriteContact, OpenOutside, ConfirmDeletion, HoldRecords, ListReferral, ReadReferral, WriteReferral, ReadFloor, ReadDirectory, VetDirectory, HearPublic, ReadStats, PublishStats, AdmitStaff, ReadGroups, EditGroups, SeeReaders, ReadOutside, PlantDecoys},
	CaseManager:   {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ListReferral, ReadReferral, WriteReferral, ReadDirectory},
	Curator:       {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadDirectory, EditDirectory, VerifyDirectory, VetDirectory, HearPublic},
	Trainer:       {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadDirectory},
	Analyst:       {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadStats, PublishStats},
	Administrator: {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ManageStaff, ReadGroups, EditSettings, EditRetention, NameOfficers},
	Auditor:       {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadAudit, ReadOutside},
	Partner:       {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery},
	Volunteer:     {OpenDesk, ChangePassphrase, ReadRecovery, UseRecovery, ReadDirectory},
}

// Actions are all that somebody may do, in order.
func Actions() (list []web.Access) {
	for _, r := range Roles {
		list = append(list, matrix[r]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// May says whether the role allows an action.
func (r Role) May(a web.Access) bool {
	return slices.Contains(matrix[r], a)
}

// Valid says whether r is one of the roles.
func (r Role) Valid() bool { return matrix[r] != nil }
