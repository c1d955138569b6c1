package proofs

// claims are all lines of the table "What proves it", in its order. A claim
// that is not in it would be missing from docs/proofs.md.
var claims = []claim{
	claimPromise,
	claimSwap,
	claimOlder,
	claimRoles,
	claimLoss,
	claimPower,
	claimDisk,
	claimAgain,
	claimLeaver,
	claimLog,
	claimFuzz,
	claimBad,
	claimSlow,
	claimUpgrade,
	claimRestore,
	claimSwitch,
}

// claimOlder is not proved, because it does not hold yet: decision 0021 says
// what it takes.
var claimOlder = claim{
	"no swap: older versions", "an older version of a row put back in its place, then `clew audit verify`",
	"100 % found; **not built yet**, see decision 0021",
}
