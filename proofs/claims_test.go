package proofs

// claims are all lines of the table "What proves it", in its order. A claim
// that is not in it would be missing from docs/proofs.md.
var claims = []claim{
	claimPromise,
	claimSwap,
	claimLoss,
	claimPower,
	claimDisk,
	claimAgain,
	claimLog,
	claimSwitch,
}
