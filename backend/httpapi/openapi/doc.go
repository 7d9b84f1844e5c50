// Package openapi describes the APIs that dialects serve, as OpenAPI 3.1
// documents and as pages for people to read and try them.
//
// [Describe] makes a document of a dialect's route table: nothing is written
// down twice, and the recorded exchanges of each dialect are checked against
// its document. Answers are described strictly, with every field that may be
// there and no others; requests as leniently as they are read.
//
// [Pages] is a route table of its own, which the composition root mounts
// beside those of the dialects. Its pages load nothing from elsewhere, and are
// the only ones whose scripts the browser may run. Nothing is made before it
// is first asked for.
package openapi
