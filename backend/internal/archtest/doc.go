// Package archtest holds the rules of the house as tests: which room may use
// which, what stays out of the program, and the few shapes that every file
// keeps. Each rule carries its reason, because a rule without one is only in
// the way.
//
// A rule reads the project's source and returns findings; it compiles nothing.
// Its sample in testdata breaks it on purpose and lists the findings that must
// come out, so that no rule can fall asleep. The rules are in rules_test.go.
// Nothing imports this package, and it looks at no behaviour: that is the work
// of the tests beside the code.
package archtest
