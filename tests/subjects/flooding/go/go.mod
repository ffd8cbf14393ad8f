module driftcheck/contracts/flooding

go 1.24

require driftcheck/sdk v0.0.0

replace driftcheck/sdk => ./.driftcheck/sdk
