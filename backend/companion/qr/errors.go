package qr

import (
	"fmt"

	"latchkey/backend/identity"
)

// What can be wrong with a picture.
var (
	ErrNone = identity.NewError(identity.NotFound, "qr_none",
		"There is no QR code in this picture. Show all of the code, with some of the plain border around it.")
	ErrUnreadable = identity.NewError(identity.Invalid, "qr_unreadable",
		"There is a QR code in this picture, but it cannot be read. Take a sharper picture, from closer and straight above.")
	ErrSmall = identity.NewError(identity.Invalid, "qr_image_small",
		"The picture is too small. Take one in which the QR code is at least 100 pixels wide.")
	ErrLarge = identity.NewError(identity.Invalid, "qr_image_large",
		"The picture is too large. At most 100 megapixels, and 30,000 pixels on a side, are read: make it smaller or cut out the QR code.")
	ErrFileLarge = identity.NewError(identity.Invalid, "qr_image_file_large",
		"The file is too large for a picture. At most 64 MiB are read.")
	ErrEmpty = identity.NewError(identity.Invalid, "qr_image_empty",
		"The file is empty. Choose another one.")
	ErrNotAnImage = identity.NewError(identity.Invalid, "qr_image_unknown",
		"That is not a picture. Choose a PNG, JPEG, WebP, GIF or BMP file.")
	ErrFormat = identity.NewError(identity.Invalid, "qr_image_format",
		"That kind of picture is not read. Save it as PNG or JPEG, or take a picture of the screen.")
	ErrDamaged = identity.NewError(identity.Invalid, "qr_image_damaged",
		"The picture is damaged or cut off. Get it anew from where it came from.")
	ErrTextLong = identity.InvalidField("text", "qr_text_long",
		"That is too long for a QR code, which holds about 2,300 characters.")
	ErrTextEmpty = identity.InvalidField("text", "qr_text_empty",
		"There is nothing to put into a QR code.")
)

// small is ErrSmall with the size of the picture.
func small(w, h int) *identity.Error {
	e := *ErrSmall
	e.Message = fmt.Sprintf("The picture is too small: %d by %d pixels. Take one in which the QR code is at least 100 pixels wide.", w, h)
	return &e
}

// format is ErrFormat with what the file is.
func format(name string) *identity.Error {
	e := *ErrFormat
	e.Message = fmt.Sprintf("That is %s, which is not read. Save it as PNG or JPEG, or take a picture of the screen.", name)
	return &e
}
