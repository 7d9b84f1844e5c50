package httpapi

import (
	"encoding/json"
	"testing"
)

func TestJoinJSON(t *testing.T) {
	type own struct {
		Token string `json:"token"`
		User  any    `json:"user"`
		Left  string `json:"left,omitempty"`
	}
	for _, tc := range []struct {
		first, second any
		want          string
	}{
		{own{"a", nil, ""}, map[string]any{"token": "b", "user": 1, "more": []int{2}}, `{"more":[2],"token":"a","user":null}`},
		{own{"a", "ann", "l"}, struct{}{}, `{"left":"l","token":"a","user":"ann"}`},
		{struct{}{}, struct{}{}, `{}`},
		{[]int{1}, struct{}{}, ""},
		{struct{}{}, "text", ""},
		{struct{}{}, func() {}, ""},
		{json.RawMessage(`{"a":`), struct{}{}, ""},
	} {
		got, err := JoinJSON(tc.first, tc.second)
		if string(got) != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%v and %v: %s, %v; want %s", tc.first, tc.second, got, err, tc.want)
		}
	}
}
