module driftcheck/contracts/reconcile

go 1.24

require (
	driftcheck/reconcile v0.0.0
	driftcheck/sdk v0.0.0
)

replace (
	driftcheck/reconcile => ../../reconcile
	driftcheck/sdk => ./.driftcheck/sdk
)
