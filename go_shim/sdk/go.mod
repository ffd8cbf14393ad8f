module driftcheck/sdk

go 1.24
