package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func plan(t *testing.T, s *Store, query string) []string {
	t.Helper()
	var steps []string
	err := s.find(t.Context(), "explain", func(x *tx) (err error) {
		steps, err = collect(x, func(r scanner) (detail string, err error) {
			var id, parent, unused int
			err = r.Scan(&id, &parent, &unused, &detail)
			return detail, err
		}, "EXPLAIN QUERY PLAN "+query, slices.Repeat([]any{5}, strings.Count(query, "?"))...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}
func TestPlans(t *testing.T) {
	s := seeded(t, 10)
	for name, query := range map[string]string{
		"userByID":            userByID,
		"userByName":          userByName,
		"userPage":            userPage,
		"sessionByID":         sessionByID,
		"sessionsOfUser":      sessionsOfUser,
		"sessionPage":         sessionPage,
		"liveSessionsAt":      liveSessionsAt,
		"countLiveSessionsAt": countLiveSessionsAt,
		"sshKeyByFingerprint": sshKeyByFingerprint,
		"sshKeyPage":          sshKeyPage,
		"throttleByKey":       throttleByKey,
		"throttlePage":        throttlePage,
		"auditPage":           auditPage,
	} {
		fmt.Println(name)
		for _, x := range plan(t, s, query) {
			fmt.Println("    ", x)
		}
	}
}
