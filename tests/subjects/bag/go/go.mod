module driftcheck/contracts/bag

go 1.24

require driftcheck/sdk v0.0.0

replace driftcheck/sdk => ./.driftcheck/sdk
