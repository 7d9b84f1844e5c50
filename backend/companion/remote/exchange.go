package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"latchkey/backend/internal/secret"
)

// Bounds on the body of an answer, in bytes.
const (
	maxAnswer = 1 << 20
	maxList   = 4 << 20 // five thousand devices with long names
)

// A request is one call of the API.
type request struct {
	method string
	path   string
	query  url.Values
	body   any // JSON; nil: none
	token  secret.Text
	folder secret.Text // password of a folder
	limit  int         // of the answer's body, in bytes; 0: maxAnswer
}

// A reply is what came back, whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request and decodes the data of the answer into out, which may
// be nil. Errors: those of not reaching the server, and what [decode] returns.
func (c *Client) call(ctx context.Context, r request, out any) error {
	got, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	data, err := decode(got, c.opts.Base.url(r.path, nil), c.opts.Env.Now())
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return errGarbled.Because(fmt.Errorf("decode the answer to %s: %w", r.path, err))
	}
	return nil
}

// send makes one request, once, within the time limit.
func (c *Client) send(parent context.Context, r request) (reply, error) {
	ctx, cancel := context.WithTimeout(parent, c.opts.timeout())
	defer cancel()
	req, err := c.build(ctx, r)
	if err != nil {
		return reply{}, errGarbled.Because(err)
	}
	sent := c.opts.Env.Now()
	got, err := c.exchange(req, r.limit)
	if err != nil {
		return reply{}, c.failed(parent, ctx, err)
	}
	c.noteDrift(got.header, sent, c.opts.Env.Now())
	return got, nil
}

// failed says why there is no answer. That the caller gave up, or that the
// time was over, explains whatever else went wrong.
func (c *Client) failed(parent, ctx context.Context, err error) error {
	switch {
	case errors.Is(parent.Err(), context.Canceled):
		return errCancelled.Because(err)
	case ctx.Err() != nil:
		return errSlow.Because(err)
	}
	return unanswered(err)
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.opts.Base.url(r.path, r.query).String(), body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.opts.UserAgent)
	if c.opts.ClientID != "" {
		req.Header.Set("Client-Id", c.opts.ClientID)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !r.token.IsZero() {
		req.Header.Set("Authorization", r.token.Reveal()) // as it is: AList refuses "Bearer"
	}
	setFolder(req.Header, r.folder)
	return req, nil
}

// exchange asks the transport itself: a http.Client would follow redirects.
func (c *Client) exchange(req *http.Request, limit int) (reply, error) {
	resp, err := c.trip.RoundTrip(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := readAll(resp.Body, limit)
	return reply{status: resp.StatusCode, header: resp.Header, body: body}, err
}

func readAll(r io.Reader, limit int) ([]byte, error) {
	if limit == 0 {
		limit = maxAnswer
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && len(body) > limit {
		return nil, errTooMuch
	}
	return body, err
}
