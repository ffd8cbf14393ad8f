module driftcheck/contracts/semver

go 1.26.0

require driftcheck/sdk v0.0.0

require github.com/Masterminds/semver/v3 v3.5.0

require golang.org/x/mod v0.43.0

replace driftcheck/sdk => ./.driftcheck/sdk
