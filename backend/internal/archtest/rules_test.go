package archtest

// rules are the laws of the house. An entry on an allow list is what breaks a
// rule with good reason; an entry that breaks nothing any more is reported.
var rules = []rule{
	{
		name:  "floors",
		why:   "arrows run one way, so that a change upstairs never shakes what stands below",
		check: upstairs,
	},
	{
		name:  "vocabulary",
		why:   "everything speaks in these types, so they may depend on nothing that changes",
		check: notIn([]string{"backend/identity"}, notStandard),
	},
	{
		name:  "sql",
		why:   "driver errors and SQL stop at the store; services see its contract only",
		check: onlyIn([]string{"backend/store"}, packages("database/sql", "modernc.org/sqlite", "github.com/jackc/pgx")),
	},
	{
		name:  "engine",
		why:   "one place chooses the storage engine, so that a second one changes nothing else",
		check: onlyIn([]string{"backend/server", "backend/store"}, below("backend/store")),
	},
	{
		name:  "ssh",
		why:   "the SSH protocol has one door; a key is parsed in one place on the server, and made in one on the desktop",
		check: onlyIn([]string{"backend/sftpserver", "backend/credential/sshkey", "backend/companion/sshkeys"}, packages("golang.org/x/crypto/ssh")),
	},
	{
		name:  "sftp",
		why:   "the library is a client, which tries a person's keys; the server's packets are read and answered by our own code",
		check: onlyIn([]string{"backend/companion/sshkeys/connect"}, packages("github.com/pkg/sftp")),
	},
	{
		name:  "strangers",
		why:   "a dialect is sealed: the oddness of one API must not leak into another",
		check: strangers,
	},
	{
		name:  "dialect-store",
		why:   "a dialect translates and asks services; one that reads the store skips their rules",
		check: notIn([]string{"backend/dialect", "backend/sftpserver"}, packages(module+"/backend/store")),
	},
	{
		name:  "kit",
		why:   "the transport kit serves every dialect, so it knows none",
		check: notIn([]string{"backend/httpapi"}, packages(module+"/backend/dialect")),
	},
	{
		name: "routing",
		why:  "the route table declares a permission for each route; a second router would not",
		check: usesOnlyIn([]string{"backend/httpapi", "backend/server"}, "net/http",
			"DefaultServeMux", "Handle", "HandleFunc", "ListenAndServe", "ListenAndServeTLS", "NewServeMux", "Serve", "ServeMux", "ServeTLS", "Server"),
	},
	{
		name:  "routes",
		why:   "an API's paths belong to its dialect, where they can be read in one place, and to the client that calls other servers by them",
		check: routesOnlyIn("backend/dialect", "backend/companion/remote"),
	},
	{
		name:  "factors",
		why:   "one sign-in pipeline checks codes and passwords; who checks one alone could skip a step",
		check: usesOnlyIn([]string{"backend/login", "backend/account"}, module+"/backend/credential/totp", "Match"),
	},
	{
		name:  "hasher",
		why:   "one gate bounds the memory that password hashing takes; a second one would double it",
		check: usesOnlyIn([]string{"backend/server", "backend/credential/password"}, module+"/backend/credential/password", "Hasher", "NewHasher"),
	},
	{
		name:  "settings",
		why:   "configuration is a value that is read once at the top and handed down in parts",
		check: onlyIn([]string{"backend/config", "backend/server", "backend/cli", "app"}, packages(module+"/backend/config")),
	},
	{
		name:  "chance",
		why:   "randomness is handed in, so that tests decide it and weak sources cannot slip in",
		check: onlyIn([]string{"backend/internal/env"}, packages("crypto/rand", "math/rand")),
	},
	{
		name:  "context",
		why:   "a context carries who is asking and the request's id, and to httpapi its connection, which net/http hands over in no other way; services are fields",
		check: usesOnlyIn([]string{"backend/internal/reqctx", "backend/httpapi"}, "context", "WithValue"),
	},
	{
		name:  "window",
		why:   "only the window's package may open one; everything else runs on a machine without a screen",
		check: onlyIn([]string{"app"}, packages("github.com/wailsapp/wails")),
	},
	{
		name: "headless",
		why:  "the headless binary is static and runs on a NAS: no window, no cgo driver, no test code",
		check: unreachable(packages("github.com/wailsapp/wails", "github.com/mattn/go-sqlite3", "runtime/cgo",
			"testing", "net/http/httptest", "github.com/google/go-cmp", "go.uber.org/goleak", "net/http/pprof", "expvar"),
			edge{"github.com/jezek/xgb", "testing"}), // a leak check that its own tests use lies in the package itself
	},
	{
		name:  "json",
		why:   "wire shapes stay at the edge; a tag further in ties the core to one API",
		check: jsonTags("backend/dialect", "backend/config", "backend/cli", "backend/store", "backend/companion", "app"),
		allow: map[string]string{
			"backend/token": "the claims of a JWT are a wire shape of its own, the same in every dialect",
		},
	},
	{
		name:  "comments",
		why:   "a newcomer finds the room by its name and its one paragraph",
		check: packageComments,
	},
	{
		name:  "twins",
		why:   "two strings of different meaning side by side will one day be swapped; give them types",
		check: twins,
		allow: map[string]string{
			"backend/identity.NewError":     "code and message differ at sight, and every call writes them out",
			"backend/identity.InvalidField": "as NewError, with the field before them",
		},
	},
	{
		name:  "fuzz",
		why:   "a parser meets what strangers send, so chance tests it too",
		check: unfuzzed,
	},
	{
		name:  "leaks",
		why:   "who starts goroutines shows that they end",
		check: unwatched,
	},
	{
		name:  "init",
		why:   "the program is also run to generate bindings, so nothing may happen before it is asked to",
		check: inits,
	},
	{
		name:  "size",
		why:   "a file that long holds two things",
		check: longFiles,
	},
	{
		name:  "top",
		why:   "the top level is the front door: a newcomer takes it in at one look",
		check: topFolders("app", "backend", "build", "frontend"),
	},
	{
		name:  "links",
		why:   "a document that points nowhere is worse than none",
		check: deadLinks,
	},
	{
		name:  "readme",
		why:   "each API says what it implements, where it differs and what it was tested with",
		check: undocumented("backend/dialect"),
	},
}
