package httpapi

// A Doc is what a route tells of itself in the description of its API. Its
// values are examples of the wire structs, of which only the types count. The
// parameters in the path come from the pattern.
//
// Fields are named by their json tags. In an answer those without omitempty
// are always there and no others are; a pointer may be null, a slice or a map
// may not. In a body those tagged required:"true" must be there. Both may be
// tagged description:"…", format:"…", enum:"a,b", default:"…" and
// example:"…", and a type may implement jsonschema's exposers.
type Doc struct {
	Summary string // one plain English sentence, with a full stop

	Body any  // what the JSON body is decoded into; nil: the route reads none
	Form bool // the body may also come as application/x-www-form-urlencoded, its fields named by their json tags

	// Query and Headers are structs whose fields are tagged query:"name" or
	// header:"Name", and as above.
	Query, Headers any

	// Upload is the media type of a body that is no JSON: multipart/form-data
	// has one file in its field "file", anything else is the file itself.
	Upload string

	// Data is what stands in the envelope of a success; nil: null there. A
	// pointer: that, or null.
	Data any

	// Raw is the media type of a success that has no envelope, such as
	// "image/png" or "text/plain"; empty: JSON with Data.
	Raw string

	// Parts says that a request may ask for parts of it and for what has
	// changed (RFC 9110, sections 13 and 14).
	Parts bool
}

// An About is what the description of an API says of all of its routes.
type About struct {
	Title       string // of the API
	Version     string // of the API as its own document counts, not of Latchkey
	Description string // in Markdown (CommonMark)

	// Credentials are the ways in which a request may say who sends it. Any
	// one of them will do on a route that is not Public.
	Credentials []Credential

	// Envelope returns the body of a success around Data of a [Doc], where nil
	// stands for null. A field of type any in it counts as what it holds, and
	// as null if that is nil. An API whose data stands beside its code at the
	// top level returns data as it is, or its envelope where that is nil.
	Envelope func(data any) any

	// Refusal is the body of a refusal.
	Refusal any

	// RefusesWith200 says that HTTP's status tells nothing: refusals of the
	// dialect's own also come with 200.
	RefusesWith200 bool
}

// A Credential is one way for a request to carry its sender's credentials.
type Credential struct {
	Name        string // in the description, such as "token": letters, digits, "-" and "_"
	In          Carrier
	Key         string // the header, cookie or query parameter; empty for Bearer
	Description string
}

// A Carrier is where in a request a credential travels.
type Carrier string

// The carriers.
const (
	InBearer Carrier = "bearer" // Authorization: Bearer … (RFC 6750, section 2.1)
	InHeader Carrier = "header" // the bare value of a header of its own
	InCookie Carrier = "cookie"
	InQuery  Carrier = "query"
)
