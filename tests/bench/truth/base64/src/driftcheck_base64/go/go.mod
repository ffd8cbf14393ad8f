module driftcheck-base64

go 1.24

require driftcheck/sdk v0.0.0

replace driftcheck/sdk => ./.driftcheck/sdk
