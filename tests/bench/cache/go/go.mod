module driftcheck/bench/cache

go 1.24

require (
	driftcheck/contracts/lru v0.0.0
	driftcheck/sdk v0.0.0
	github.com/hashicorp/golang-lru/v2 v2.0.7
)

replace driftcheck/sdk => ./.driftcheck/sdk

replace driftcheck/contracts/lru => ../../../../go_shim/contracts/lru
