package openapi

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go/openapi31"

	"latchkey/backend/httpapi"
)

// answer describes a body that we send. Structs become components, closed to
// further fields.
func (d *describer) answer(body any) (map[string]any, error) {
	var problems []error
	s, err := d.schemas.Reflect(body,
		jsonschema.DefinitionsPrefix(components),
		jsonschema.CollectDefinitions(func(name string, s jsonschema.Schema) {
			schema, err := s.ToSchemaOrBool().ToSimpleMap()
			problems = append(problems, err, d.component(name, schema))
		}),
		jsonschema.InterceptDefName(func(t reflect.Type, _ string) string { return componentName(t.Name()) }),
		jsonschema.InterceptSchema(closed),
		jsonschema.InterceptSchema(plain(reflect.TypeFor[json.Marshaler]())),
		jsonschema.InterceptSchema(named),
		jsonschema.InterceptProp(always),
		jsonschema.InterceptProp(sized),
		jsonschema.InterceptNullability(onlyPointers),
		func(rc *jsonschema.ReflectContext) { rc.EnvelopNullability = true },
	)
	if err = errors.Join(append(problems, err)...); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return s.ToSchemaOrBool().ToSimpleMap()
}

// component adds a schema that others refer to by name.
func (d *describer) component(name string, schema map[string]any) error {
	old, taken := d.spec.ComponentsEns().Schemas[name]
	if taken && !reflect.DeepEqual(old, schema) {
		return fmt.Errorf("two different structs would be called %s", name)
	}
	d.spec.Components.WithSchemasItem(name, schema)
	return nil
}

// request describes a body that we read, where it is used: the same struct may
// have another schema as an answer.
func (d *describer) request(body any) (map[string]any, error) {
	s, err := d.schemas.Reflect(body, jsonschema.InlineRefs,
		jsonschema.InterceptSchema(plain(reflect.TypeFor[json.Unmarshaler]())),
		jsonschema.InterceptProp(sized),
		jsonschema.InterceptNullability(noLoneNull),
	)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	return s.ToSchemaOrBool().ToSimpleMap()
}

// query describes the parameters in the query.
func (d *describer) query(op *openapi31.Operation, r httpapi.Route) error {
	return d.parameters(op, r.Doc.Query, openapi31.ParameterInQuery)
}

// headers describes those in headers.
func (d *describer) headers(op *openapi31.Operation, r httpapi.Route) error {
	return d.parameters(op, r.Doc.Headers, openapi31.ParameterInHeader)
}

func (d *describer) parameters(op *openapi31.Operation, fields any, in openapi31.ParameterIn) error {
	if fields == nil {
		return nil
	}
	_, err := d.schemas.Reflect(fields, jsonschema.InlineRefs, jsonschema.PropertyNameTag(string(in)),
		jsonschema.InterceptNullability(func(p jsonschema.InterceptNullabilityParams) { p.Schema.RemoveType(jsonschema.Null) }),
		jsonschema.InterceptProp(sized),
		jsonschema.InterceptProp(func(p jsonschema.InterceptPropParams) error {
			if !p.Processed {
				return nil
			}
			about := p.PropertySchema.Description
			p.PropertySchema.Description = nil
			schema, err := p.PropertySchema.ToSchemaOrBool().ToSimpleMap()
			op.Parameters = append(op.Parameters, parameter(openapi31.Parameter{
				Name: p.Name, In: in, Description: about, Schema: schema,
				Required: new(slices.Contains(p.ParentSchema.Required, p.Name)),
			}))
			return err
		}),
	)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return nil
}

// componentName names a wire struct for people: "wireUser" is User, and
// "page[latchkey/backend/dialect/x.wireUser]" is UserPage.
func componentName(typeName string) string {
	var out string
	for _, part := range strings.FieldsFunc(typeName, func(r rune) bool { return strings.ContainsRune("[],", r) }) {
		part = strings.TrimPrefix(part[strings.LastIndexAny(part, "./")+1:], "wire")
		out = strings.ToUpper(part[:1]) + part[1:] + out
	}
	return out
}

// closed says of an object that it has no fields but the ones described.
func closed(p jsonschema.InterceptSchemaParams) (stop bool, err error) {
	if p.Processed && p.Schema.HasType(jsonschema.Object) && p.Schema.AdditionalProperties == nil {
		p.Schema.WithAdditionalProperties(jsonschema.SchemaOrBool{TypeBoolean: new(false)})
	}
	return false, nil
}

// plain refuses types that have a JSON form of their own, which their Go type
// tells nothing of. One that says what it is by a method JSONSchemaBytes has
// been dealt with before.
func plain(own reflect.Type) jsonschema.InterceptSchemaFunc {
	return func(p jsonschema.InterceptSchemaParams) (stop bool, err error) {
		t := p.Value.Type()
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		known := t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[json.RawMessage]()
		if !known && (t.Implements(own) || reflect.PointerTo(t).Implements(own)) {
			return true, fmt.Errorf("%s has a JSON form of its own, and no JSONSchemaBytes that tells it", t)
		}
		return false, nil
	}
}

// named describes a named text or number where it is used. The library would
// keep one schema for all places, with what a pointer in one of them allows.
func named(p jsonschema.InterceptSchemaParams) (stop bool, err error) {
	t := p.Value.Type()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == "" || t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return false, nil
	}
	switch t.Kind() {
	case reflect.String:
		p.Schema.AddType(jsonschema.String)
	case reflect.Bool:
		p.Schema.AddType(jsonschema.Boolean)
	case reflect.Float32, reflect.Float64:
		p.Schema.AddType(jsonschema.Number)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.Schema.AddType(jsonschema.Integer)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.Schema.AddType(jsonschema.Integer)
		p.Schema.WithMinimum(0)
	default:
		return false, nil
	}
	return true, nil
}

// always says of a field that it is there, unless it may be left out, and of
// one that may hold anything and holds nothing that it is null.
func always(p jsonschema.InterceptPropParams) error {
	if !p.Processed {
		return nil
	}
	options := strings.Split(p.Field.Tag.Get("json"), ",")[1:]
	if !slices.Contains(options, "omitempty") && !slices.Contains(options, "omitzero") && !slices.Contains(p.ParentSchema.Required, p.Name) {
		p.ParentSchema.Required = append(p.ParentSchema.Required, p.Name)
	}
	if s := p.PropertySchema; p.Field.Type.Kind() == reflect.Interface && s.ReflectType == nil && s.Type == nil && s.Ref == nil {
		s.AddType(jsonschema.Null)
	}
	return nil
}

// sized says of a field for whole numbers that they may need 64 bits. It does
// so for the field, as a type with a format would become a component, and one
// that is met as a pointer first a component that may be null.
func sized(p jsonschema.InterceptPropParams) error {
	if !p.Processed || !p.PropertySchema.HasType(jsonschema.Integer) {
		return nil
	}
	t := p.Field.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64:
		p.PropertySchema.WithFormat("int64")
	}
	return nil
}

// onlyPointers takes back that a slice, a map or what a field of type any
// holds may be null. A pointer may.
func onlyPointers(p jsonschema.InterceptNullabilityParams) {
	noLoneNull(p)
	t := p.Type
	if p.Schema.ReflectType != nil {
		t = p.Schema.ReflectType
	}
	switch {
	case t.Kind() != reflect.Pointer && p.RefDef != nil:
		*p.Schema = p.OrigSchema
	case t.Kind() != reflect.Pointer && p.NullAdded:
		p.Schema.RemoveType(jsonschema.Null)
	case p.RefDef != nil: // null, or what is referred to, whose type was left in both places
		p.Schema.Type = nil
		for _, either := range p.Schema.AnyOf {
			if either.TypeObject.Ref != nil {
				either.TypeObject.Type = nil
			}
		}
	}
}

// noLoneNull takes back that a pointer is null and nothing else, where a type
// tells its schema itself and gives no type in it.
func noLoneNull(p jsonschema.InterceptNullabilityParams) {
	if p.NullAdded && p.OrigSchema.Type == nil {
		p.Schema.Type = nil
	}
}
