//go:build !strict

package main

import "encoding/base64"

var padded, unpadded = base64.StdEncoding, base64.RawStdEncoding
