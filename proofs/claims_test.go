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
