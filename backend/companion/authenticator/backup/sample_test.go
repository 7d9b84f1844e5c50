package backup

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"
	"testing"

	"golang.org/x/crypto/scrypt"
)

// The samples are put together by the documents of the apps, with none of the
// code under test: what that writes it could also read wrongly.

const aegisPlain = `{"version":1,"header":{"slots":null,"params":null},"db":{"version":3,"entries":[
{"type":"totp","uuid":"3ae6f1ad-2e65-4ed2-a953-1ec0dff2386d","name":"ann","issuer":"GitHub","note":"spare phone","favorite":true,"icon":null,
 "info":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","algo":"SHA256","digits":8,"period":60},"groups":["01234567-89ab-4def-8123-456789abcdef","gone"]},
{"type":"hotp","uuid":"3ae6f1ad-2e65-4ed2-a953-1ec0dff2386d","name":"admin","issuer":"Router","note":"","favorite":false,"icon":"aWNvbg==",
 "info":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","algo":"SHA1","digits":6,"counter":42},"groups":[]},
{"type":"steam","uuid":"x","name":"ann","issuer":"Steam","info":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","algo":"SHA1","digits":5,"period":30}}],
"groups":[{"uuid":"01234567-89ab-4def-8123-456789abcdef","name":"work"}]}}`

const twoFASPlain = `{"services":[
{"name":"GitHub","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","updatedAt":1702934567518,"groupId":"g","otp":{"label":"ann","account":"ann","issuer":"GitHub","digits":8,"period":60,"algorithm":"SHA256","tokenType":"TOTP","source":"Link"},"order":{"position":0}},
{"name":"Router","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","otp":{"account":"admin","counter":42,"tokenType":"HOTP"}},
{"name":"Steam","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","otp":{"label":"ann","digits":5,"tokenType":"STEAM"}}],
"groups":[{"id":"g","name":"work","isExpanded":true}],"updatedAt":1702934732299,"schemaVersion":4,"appVersionCode":5000009,"appOrigin":"android"}`

const bitwardenPlain = `{"encrypted":false,"folders":[{"id":"f","name":"work"}],"items":[
{"id":"1","type":1,"name":"GitHub","favorite":true,"folderId":"f","notes":"canary-7f2d","login":{"username":"ann","password":"canary-7f2d","totp":"otpauth://totp/x:y?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8&period=60"}},
{"id":"1","type":1,"name":"No code","login":{"username":"ann","password":"canary-7f2d","totp":null}},
{"id":"2","type":2,"name":"A note","notes":"canary-7f2d"},
{"id":"3","type":1,"name":"","login":{"totp":"otpauth://hotp/Router:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=42"}},
{"id":"4","type":1,"name":"Steam","login":{"username":"ann","totp":"steam://GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}},
{"id":"5","type":1,"name":"Bare","login":{"username":"ann","totp":"jbsw y3dp ehpk 3pxp"}}]}`

const raivoPlain = `[
{"kind":"TOTP","issuer":"GitHub","account":"ann","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","algorithm":"SHA256","digits":"8","timer":"60","counter":"0","iconType":"","iconValue":"","pinned":"true"},
{"kind":"HOTP","issuer":"Router","account":"admin","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","algorithm":"SHA1","digits":"6","timer":"0","counter":"42"},
{"kind":"STEAM","issuer":"Steam","account":"ann","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","algorithm":"SHA1","digits":"5","timer":"30","counter":"0"}]`

const andOTPPlain = `[
{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","issuer":"GitHub","label":"ann","digits":8,"type":"TOTP","algorithm":"SHA256","thumbnail":"Default","last_used":1608146844162,"period":60,"tags":["work"]},
{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","issuer":"Router","label":"admin","digits":6,"type":"HOTP","algorithm":"SHA1","counter":42,"tags":[]},
{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","issuer":"Steam","label":"ann","digits":5,"type":"STEAM","algorithm":"SHA1","tags":[]}]`

const freeOTPPlain = `{"tokenOrder":["GitHub:ann","Router:admin"],"tokens":[
{"algo":"SHA256","counter":0,"digits":8,"issuerExt":"GitHub","issuerInt":"github","label":"ann","period":60,"secret":[49,50,51,52,53,54,55,56,57,48,49,50,51,52,53,54,55,56,57,48],"type":"TOTP"},
{"algo":"SHA1","counter":42,"digits":6,"issuerInt":"Router","label":"admin","period":30,"secret":[49,50,51,52,53,54,55,56,57,48,49,50,51,52,53,54,55,56,57,48],"type":"HOTP"},
{"algo":"SHA1","counter":0,"digits":6,"issuerExt":"Bytes","label":"ann","period":30,"secret":[72,101,108,108,111,33,-34,-83,-66,-17],"type":"TOTP"}]}`

const keePassXCPlain = `"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"
"Root/work","GitHub","ann","canary-7f2d","https://github.com","canary-7f2d","otpauth://totp/x:y?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8&period=60","0","",""
"Root","No code","ann","canary-7f2d","","two
lines","","0","",""
"Root","Router","admin","canary-7f2d","","","otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=42","0","",""
"Root","Steam","ann","canary-7f2d","","","otpauth://totp/Steam:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=30&digits=5&issuer=Steam&encoder=steam","0","",""
`

const bitwardenTable = `folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp
work,1,login,GitHub,canary-7f2d,,0,,ann,canary-7f2d,otpauth://totp/x:y?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8&period=60
,,note,A note,canary-7f2d,,,,,,
,,login,Router,,,0,,admin,canary-7f2d,otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=42
,,login,Steam,,,0,,ann,canary-7f2d,steam://GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ`

const uriLines = "\ufeff# my codes\r\n\r\n" +
	"otpauth://totp/GitHub:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub&algorithm=SHA256&digits=8&period=60\r\n" +
	"otpauth://hotp/Router:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Router&counter=42\r\n" +
	"otpauth://steam/Steam:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Steam\r\n" +
	"https://example.com\r\n"

// gcm seals as AES-256-GCM, under a nonce of twelve bytes.
func gcm(t testing.TB, key, nonce, plain []byte) []byte {
	block, err := aes.NewCipher(key)
	must(t, block, err)
	c, err := cipher.NewGCM(block)
	return must(t, c, err).Seal(nil, nonce, plain, nil)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// aegisSealed encrypts aegisPlain as docs/vault.md of Aegis says.
func aegisSealed(t testing.TB, n int) []byte {
	var plain struct {
		DB json.RawMessage `json:"db"`
	}
	must(t, 0, json.Unmarshal([]byte(aegisPlain), &plain))
	master, salt := random(32), random(32)
	key, err := scrypt.Key([]byte(password), salt, n, 8, 1, 32)
	must(t, key, err)
	n1, n2 := random(12), random(12)
	wrapped, db := gcm(t, key, n1, master), gcm(t, master, n2, plain.DB)
	slot := func(kind int, key []byte) map[string]any {
		return map[string]any{
			"type": kind, "uuid": "01234567-89ab-4def-8123-456789abcdef", "key": hex.EncodeToString(key[:32]), "n": n, "r": 8, "p": 1,
			"salt": hex.EncodeToString(salt), "key_params": map[string]string{"nonce": hex.EncodeToString(n1), "tag": hex.EncodeToString(key[32:])},
		}
	}
	out, err := json.Marshal(map[string]any{
		"version": 1,
		"header": map[string]any{
			// one of a fingerprint, one of another password, and the right one
			"slots":  []any{slot(2, random(48)), slot(1, random(48)), slot(1, wrapped)},
			"params": map[string]string{"nonce": hex.EncodeToString(n2), "tag": hex.EncodeToString(db[len(db)-16:])},
		},
		"db": base64.StdEncoding.EncodeToString(db[:len(db)-16]),
	})
	return must(t, out, err)
}

func stretched(t testing.TB, h func() hash.Hash, salt []byte, iterations int) []byte {
	key, err := pbkdf2.Key(h, password, salt, iterations, 32)
	return must(t, key, err)
}

func twoFASSealed(t testing.TB) []byte {
	var plain struct {
		Services json.RawMessage `json:"services"`
	}
	must(t, 0, json.Unmarshal([]byte(twoFASPlain), &plain))
	salt, nonce := random(256), random(12)
	b := base64.StdEncoding.EncodeToString
	sealed := b(gcm(t, stretched(t, sha256.New, salt, 10_000), nonce, plain.Services)) + ":" + b(salt) + ":" + b(nonce)
	return fmt.Appendf(nil, `{"services":[],"groups":[{"id":"g","name":"work"}],"schemaVersion":4,"appOrigin":"ios","servicesEncrypted":%q,"reference":"x:y:z"}`, sealed)
}

func andOTPSealed(t testing.TB, iterations int) []byte {
	salt, nonce := random(12), random(12)
	out := binary.BigEndian.AppendUint32(nil, uint32(iterations))
	out = append(append(out, salt...), nonce...)
	return append(out, gcm(t, stretched(t, sha1.New, salt, iterations), nonce, []byte(andOTPPlain))...)
}

func andOTPSealedOld(t testing.TB) []byte {
	key, nonce := sha256.Sum256([]byte(password)), random(12)
	nonce[0] |= 0x80 // not to be taken for a number of iterations
	return append(nonce[:12:12], gcm(t, key[:], nonce, []byte(andOTPPlain))...)
}

// enteSealed was encrypted by libsodium itself, as Ente does it.
func enteSealed(t testing.TB) []byte {
	content, err := os.ReadFile("testdata/ente_libsodium.json")
	return must(t, content, err)
}
