// Package qr reads QR codes from pictures that come in any form, and draws
// them. It owns the way from bytes of a file, or the pixels of a screen or a
// camera, to the texts of the codes in it. What those texts are for is not its
// matter. The window and the command line call it.
//
// # How it reads
//
// A picture is brought to grey, and to a pyramid of halves of its size. On each
// level, from the smallest to the picture itself:
//
//	mask     which pixels are dark, by the brightness around
//	finders  squares that a row, a column and a diagonal meet in 1:1:3:1:1,
//	         dark on light and light on dark
//	trios    three of them that may be the corners of a code
//	grid     the perspective that suits the borders of the finders, then the
//	         alignment patterns one after the other from there outwards, and
//	         how far lens and paper bend what lies between them
//	modules  the brightness in the middle of each, against several ideas of
//	         what is dark
//
// The library gozxing makes a text of the modules, with error correction. Where
// nothing is found, or something that looks much like a code is not read, the
// same is done again with noise taken out, with less contrast, with one limit
// for the whole picture, with finders that need no border, and at double size.
// Turning the picture is not needed, because none of this knows where up is.
//
// Several parts of one text (structured append) are told as several codes.
//
// # Bounds
//
// A file has at most 64 MiB, a picture 100 megapixels and 30,000 pixels on a
// side, and what it unfolds to 512 MiB; all of it is known before memory is
// taken. The work does not depend on what is in a picture beyond a bound on how
// many finders and trios are looked at, so a picture without a code ends in a
// few times what one with a code takes. A context ends it earlier.
package qr
