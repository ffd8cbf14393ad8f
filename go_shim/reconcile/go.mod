module driftcheck/reconcile

go 1.24
