//go:build !xmod && !loose

package main

import "github.com/Masterminds/semver/v3"

func read(text string) (*semver.Version, error) { return semver.StrictNewVersion(text) }
