package mail

import (
	"fmt"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A TemporaryPassword is what somebody gets who forgot theirs.
type TemporaryPassword struct {
	To       identity.Email
	Site     string // the title of the server
	Username identity.Username
	Password secret.Text
	Works    time.Duration // how long it does, told in whole hours
}

const temporaryText = `Hello,

your password at %[1]s was reset, as somebody asked its administrator to.

    User name:           %[2]s
    Temporary password:  %[3]s

It works for %[4]s and must be changed when you sign in.

If you did not ask for this, tell the administrator of %[1]s.

----

您好：

应申请，%[1]s 的管理员已重置您的密码。

    用户名：    %[2]s
    临时密码：  %[3]s

临时密码在 %[5]d 小时内有效，登录后必须更改。

如果这不是您的操作，请告知 %[1]s 的管理员。
`

// Message returns the mail, in English and in Chinese: which of the two
// somebody reads is known only once they have signed in.
func (t TemporaryPassword) Message() Message {
	hours := int(t.Works / time.Hour)
	english := fmt.Sprintf("%d hours", hours)
	if hours == 1 {
		english = "one hour"
	}
	text := fmt.Sprintf(temporaryText, t.Site, t.Username, t.Password.Reveal(), english, hours)
	return Message{To: t.To, Subject: t.Site + ": temporary password / 临时密码", Text: secret.New(text)}
}
