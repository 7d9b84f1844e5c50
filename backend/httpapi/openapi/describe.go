package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go/openapi31"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// Describe returns the OpenAPI 3.1 document of a dialect that is served below
// each of some prefixes, of which "" is the root. The same routes give the
// same bytes. An error is about a wire struct that cannot be described.
func Describe(m *httpapi.Mux, prefixes ...string) ([]byte, error) {
	about := m.Dialect().About
	d := describer{about: about}
	d.spec.Openapi = "3.1.0"
	d.spec.Info = openapi31.Info{Title: about.Title, Version: about.Version, Description: text(about.Description)}
	for _, p := range prefixes {
		d.spec.Servers = append(d.spec.Servers, openapi31.Server{URL: cmp.Or(p, "/")})
	}
	for _, c := range about.Credentials {
		d.credential(c)
	}
	if err := d.refusals(); err != nil {
		return nil, fmt.Errorf("describe refusals of %s: %w", m.Dialect().Name, err)
	}
	for _, r := range m.Routes() {
		if err := d.route(r); err != nil {
			return nil, fmt.Errorf("describe %s %s of %s: %w", r.Method, r.Pattern, m.Dialect().Name, err)
		}
	}
	doc, err := json.Marshal(&d.spec)
	if err != nil {
		return nil, fmt.Errorf("encode description of %s: %w", m.Dialect().Name, err)
	}
	return doc, nil
}

const (
	inJSON      = "application/json"
	inForm      = "application/x-www-form-urlencoded"
	inMultipart = "multipart/form-data"
	components  = "#/components/schemas/"
)

// A describer makes one document.
type describer struct {
	about   httpapi.About
	schemas jsonschema.Reflector
	spec    openapi31.Spec
	refusal map[string]any // the schema of one
}

func (d *describer) credential(c httpapi.Credential) {
	s := openapi31.SecurityScheme{Description: text(c.Description)}
	if c.In == httpapi.InBearer {
		s.HTTPBearer = &openapi31.SecuritySchemeHTTPBearer{Scheme: "bearer"}
	} else {
		s.APIKey = &openapi31.SecuritySchemeAPIKey{Name: c.Key, In: openapi31.SecuritySchemeAPIKeyIn(c.In)}
	}
	d.spec.ComponentsEns().WithSecuritySchemesItem(c.Name, openapi31.SecuritySchemeOrReference{SecurityScheme: &s})
}

func (d *describer) route(r httpapi.Route) error {
	path := pathOf(r.Pattern)
	op := openapi31.Operation{Summary: text(r.Doc.Summary), ID: text(operationID(r.Method, path))}
	d.tag(&op, path)
	if r.Permission != identity.Public {
		op.WithDescription(fmt.Sprintf("Permission: `%s`", r.Permission))
		for _, c := range d.about.Credentials {
			op.Security = append(op.Security, map[string][]string{c.Name: {}})
		}
	}
	for _, name := range wildcard.FindAllStringSubmatch(path, -1) {
		op.Parameters = append(op.Parameters, parameter(openapi31.Parameter{
			Name: name[1], In: openapi31.ParameterInPath, Required: new(true), Schema: map[string]any{"type": "string"},
		}))
	}
	for _, step := range []func(*openapi31.Operation, httpapi.Route) error{d.query, d.headers, d.body, d.answers} {
		if err := step(&op, r); err != nil {
			return err
		}
	}
	return d.spec.AddOperation(r.Method, path, op)
}

var (
	wildcard = regexp.MustCompile(`\{([^}]*)\}`)
	notWord  = regexp.MustCompile(`[^A-Za-z0-9]+`)
	version  = regexp.MustCompile(`^v[0-9]+$`)
)

// pathOf turns a pattern of net/http's ServeMux into a path template.
func pathOf(pattern string) string {
	return strings.NewReplacer("{$}", "", "...}", "}").Replace(pattern)
}

func operationID(method, path string) string {
	return strings.ToLower(method) + "_" + strings.Trim(notWord.ReplaceAllString(path, "_"), "_")
}

// tag groups an operation with others by the first element of its path that
// tells something.
func (d *describer) tag(op *openapi31.Operation, path string) {
	for _, element := range strings.Split(path, "/") {
		if element == "" || element == "api" || version.MatchString(element) {
			continue
		}
		op.Tags = []string{element}
		if !slices.ContainsFunc(d.spec.Tags, func(t openapi31.Tag) bool { return t.Name == element }) {
			d.spec.Tags = append(d.spec.Tags, openapi31.Tag{Name: element})
		}
		return
	}
}

func (d *describer) body(op *openapi31.Operation, r httpapi.Route) error {
	switch {
	case r.Doc.Upload != "":
		op.RequestBody = upload(r.Doc.Upload)
		return nil
	case r.Doc.Body == nil:
		return nil
	}
	schema, err := d.request(r.Doc.Body)
	if err != nil {
		return err
	}
	body := openapi31.RequestBody{Required: new(true)}
	body.WithContentItem(inJSON, openapi31.MediaType{Schema: schema})
	if r.Doc.Form {
		body.WithContentItem(inForm, openapi31.MediaType{Schema: schema})
	}
	op.RequestBody = &openapi31.RequestBodyOrReference{RequestBody: &body}
	return nil
}

// upload describes a body that is a file, or a form with one.
func upload(media string) *openapi31.RequestBodyOrReference {
	schema := map[string]any{"type": "string", "contentMediaType": "application/octet-stream"}
	form := media == inMultipart // without a body there is no form, but an empty file is one
	if form {
		schema = map[string]any{"type": "object", "properties": map[string]any{"file": schema}, "required": []string{"file"}}
	}
	body := openapi31.RequestBody{Required: new(form)}
	body.WithContentItem(media, openapi31.MediaType{Schema: schema})
	return &openapi31.RequestBodyOrReference{RequestBody: &body}
}

// refusals describes what all operations refuse with.
func (d *describer) refusals() error {
	var err error
	if d.refusal, err = d.answer(d.about.Refusal); err != nil {
		return err
	}
	return d.component("Refusal", d.refusal)
}

// answers describes a success, which HTTP's status may not tell from a
// refusal, and every refusal. To HEAD none has a body.
func (d *describer) answers(op *openapi31.Operation, r httpapi.Route) error {
	success := openapi31.Response{Description: "Success."}
	refusal := openapi31.Response{Description: "A refusal."}
	if r.Method != http.MethodHead {
		refusal.WithContentItem(inJSON, openapi31.MediaType{Schema: refused()})
		if err := d.success(&success, r.Doc); err != nil {
			return err
		}
	}
	op.ResponsesEns().WithMapOfResponseOrReferenceValuesItem("200", openapi31.ResponseOrReference{Response: &success})
	if r.Doc.Parts {
		parts(op, r.Doc)
	}
	op.Responses.Default = &openapi31.ResponseOrReference{Response: &refusal}
	return nil
}

// parts describes what is answered beside a success that has parts.
func parts(op *openapi31.Operation, doc httpapi.Doc) {
	part := openapi31.Response{Description: "The part that was asked for."}
	part.WithContentItem(doc.Raw, raw(doc.Raw))
	beyond := openapi31.Response{Description: "There is no such part."}
	beyond.WithContentItem("text/plain", raw("text/plain"))
	for status, r := range map[string]openapi31.Response{
		"206": part, "304": {Description: "It has not changed."}, "416": beyond,
	} {
		op.Responses.WithMapOfResponseOrReferenceValuesItem(status, openapi31.ResponseOrReference{Response: &r})
	}
}

func (d *describer) success(to *openapi31.Response, doc httpapi.Doc) error {
	if d.about.RefusesWith200 {
		to.Description = "Success, or a refusal: the body tells which."
	}
	if doc.Raw != "" {
		to.WithContentItem(doc.Raw, raw(doc.Raw))
		if d.about.RefusesWith200 {
			to.WithContentItem(inJSON, openapi31.MediaType{Schema: refused()})
		}
		return nil
	}
	body := doc.Data
	if d.about.Envelope != nil {
		body = d.about.Envelope(doc.Data)
	}
	schema, err := d.answer(body)
	if err != nil {
		return err
	}
	if d.about.RefusesWith200 && !reflect.DeepEqual(schema, d.refusal) {
		schema = map[string]any{"anyOf": []any{schema, refused()}}
	}
	to.WithContentItem(inJSON, openapi31.MediaType{Schema: schema})
	return nil
}

func refused() map[string]any { return map[string]any{"$ref": components + "Refusal"} }

// raw describes an answer without an envelope. Of one that is no text OpenAPI
// 3.1 says nothing but its type.
func raw(media string) openapi31.MediaType {
	if strings.HasPrefix(media, "text/") {
		return openapi31.MediaType{Schema: map[string]any{"type": "string"}}
	}
	return openapi31.MediaType{}
}

func parameter(p openapi31.Parameter) openapi31.ParameterOrReference {
	return openapi31.ParameterOrReference{Parameter: &p}
}

// text returns nil for what there is nothing to say about.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
