package iam

import (
	"net/http"
	"slices"

	"latchkey/backend/identity"
)

// descriptions are the document's language for what the built-in permissions
// allow.
var descriptions = map[identity.Permission]string{
	identity.Read:             "读取数据权限:查看文件和自己的账号",
	identity.Write:            "写入数据权限:新建文件夹、上传文件、修改自己的账号",
	identity.Admin:            "全部权限",
	identity.UserRead:         "查看用户",
	identity.UserManage:       "创建、修改和删除用户",
	identity.RoleRead:         "查看角色",
	identity.RoleManage:       "创建、修改和删除角色",
	identity.SessionManage:    "查看和结束所有用户的登录设备",
	identity.APIKeyManage:     "查看、禁用和删除所有用户的API密钥",
	identity.PermissionManage: "创建权限",
	"file.see_hidden":         "查看隐藏文件",
	"file.no_password":        "无需密码打开受保护的文件夹",
	"file.offline_download":   "离线下载",
	"file.rename":             "重命名文件和文件夹",
	"file.move":               "移动文件和文件夹",
	"file.copy":               "复制文件和文件夹",
	"file.delete":             "删除文件和文件夹",
	"webdav.read":             "通过WebDAV列出和读取",
	"webdav.write":            "通过WebDAV修改",
	"sftp.read":               "通过SFTP登录、列出和读取",
	"sftp.write":              "通过SFTP修改",
	"archive.read":            "查看压缩包内容",
	"archive.decompress":      "解压压缩包",
	"path.limit":              "为AList客户端保留",
	"mcp.read":                "通过MCP读取",
	"mcp.write":               "通过MCP修改",
}

func (h *Handler) permissions(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	all, err := h.Accounts.Permissions(r.Context())
	if err != nil {
		return err
	}
	admin, err := h.Sessions.Principal(r.Context(), identity.AdminID)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(p identity.PermissionInfo) bool {
		return !contains(string(p.Name), q.Get("name")) || q.Get("category") != "" && q.Get("category") != p.Category
	})
	part := cut(all, q.part())
	out := permissionPage{pageHead: q.head(len(all)), Permissions: make([]wirePermission, len(part))}
	for i, p := range part {
		if p.CreatedAt.IsZero() { // a built-in one is as old as the installation
			p.CreatedAt, p.Description = admin.User.CreatedAt, descriptions[p.Name]
		}
		out.Permissions[i] = fromPermission(p)
	}
	return succeed(w, found, out)
}

func (h *Handler) createPermission(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[permissionRequest](w, r)
	if err != nil {
		return err
	}
	p, err := h.Accounts.CreatePermission(r.Context(), identity.PermissionInfo{
		Name: identity.Permission(body.Name), Category: body.Category, Description: body.Description,
	}, origin(r))
	if err != nil {
		return err
	}
	return succeed(w, "权限创建成功", fromPermission(p))
}
