package totp

import (
	"bytes"
	"fmt"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// mostPixels bounds the side of a QR code.
const mostPixels = 2048

// QR draws a URI as a black and white PNG, px pixels wide and high, within the
// quiet zone that ISO/IEC 18004 asks for. Where px is too few for the content
// the image is larger; more than 2,048 are refused.
func QR(uri string, px int) ([]byte, error) {
	if px > mostPixels {
		return nil, fmt.Errorf("draw QR code: %d pixels are too many", px)
	}
	matrix, err := qrcode.NewQRCodeWriter().Encode(uri, gozxing.BarcodeFormat_QR_CODE, px, px,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_ERROR_CORRECTION: decoder.ErrorCorrectionLevel_M})
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, matrix); err != nil {
		return nil, fmt.Errorf("write QR code: %w", err)
	}
	return out.Bytes(), nil
}
