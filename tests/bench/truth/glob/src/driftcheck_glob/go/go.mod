module driftcheck-glob

go 1.24.0

require (
	driftcheck/sdk v0.0.0
	github.com/bmatcuk/doublestar/v4 v4.10.4
	github.com/gobwas/glob v1.1.0
)

replace driftcheck/sdk => ./.driftcheck/sdk
