// Package captcha owns one kind of evidence: that a person looked at a picture
// and typed the four characters in it. The sign-in pipeline asks for it after
// a few failures, where the API that is spoken has a way to.
//
// A challenge is told to an address, for one account or for whichever that
// address signs in to next, and lives for five minutes. It can be guessed at
// once: the right answer spends it, a wrong one burns it. Pictures are drawn
// here, by no service of others, and are the same each time they are asked
// for: several of one text would be easier for a program to read.
//
// Challenges are kept in memory only. A restart forgets them, and that lets
// nobody in: whoever was looking at one asks for another. What counts failures,
// and so says when a challenge is needed, is the throttle, which does survive.
//
// It slows programs down, and is no proof against one that is made to read it.
package captcha
