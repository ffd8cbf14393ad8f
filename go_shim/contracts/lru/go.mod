module driftcheck/contracts/lru

go 1.24

require driftcheck/sdk v0.0.0

require github.com/hashicorp/golang-lru/v2 v2.0.7

replace driftcheck/sdk => ./.driftcheck/sdk
