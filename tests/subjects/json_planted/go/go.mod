module driftcheck/contracts/json_planted

go 1.24

require (
	driftcheck/contracts/json v0.0.0
	driftcheck/sdk v0.0.0
)

replace driftcheck/contracts/json => ../../../../go_shim/contracts/json

replace driftcheck/sdk => ./.driftcheck/sdk
