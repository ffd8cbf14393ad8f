module driftcheck-url

// The version also chooses how net/url behaves: GODEBUG has the defaults of the version that stands here.
go 1.26

require driftcheck/sdk v0.0.0

replace driftcheck/sdk => ./.driftcheck/sdk
