package iam

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/apikey"
	"latchkey/backend/identity"
)

const day = 24 * time.Hour

var errTimeRange = identity.InvalidField("time_range", "time_range_invalid",
	"time_range is a number and h, d, w or m, such as 7d: hours, days, weeks or months, at most 400 days.")

type keyStats struct {
	Total      int64           `json:"total_requests"`
	Succeeded  int64           `json:"success_requests"`
	Failed     int64           `json:"error_requests"`
	Days       []dayStats      `json:"daily_stats"`
	Endpoints  []endpointStats `json:"top_endpoints"`
	LastUsedAt *string         `json:"last_used_at" format:"date-time"` // null: never, as last_ip
	LastIP     *string         `json:"last_ip"`
}

type dayStats struct {
	Date     string `json:"date" format:"date"` // in UTC
	Requests int64  `json:"requests"`
}

type endpointStats struct {
	Endpoint string `json:"endpoint"`
	Count    int64  `json:"count"`
}

// readRange returns the first day that a time range takes in at a time. Counts
// are kept by days of UTC, so all of that day counts. Of whole days the last
// is the one that now is in.
func readRange(text string, now time.Time) (time.Time, error) {
	if text == "" {
		text = "7d"
	}
	digits := text[:len(text)-1]
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n < 1 || strings.Trim(digits, "0123456789") != "" {
		return time.Time{}, errTimeRange
	}
	unit, known := map[byte]time.Duration{'h': time.Hour, 'd': day, 'w': 7 * day, 'm': 30 * day}[text[len(text)-1]]
	if !known || time.Duration(n) > apikey.KeepUses/unit {
		return time.Time{}, errTimeRange
	}
	length := time.Duration(n) * unit
	if unit >= day {
		length -= day
	}
	return now.UTC().Add(-length).Truncate(day), nil
}

func (h *Handler) keyStats(w http.ResponseWriter, r *http.Request) error {
	k, err := h.key(r)
	if err != nil {
		return err
	}
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	now := h.Now()
	since, err := readRange(q.Get("time_range"), now)
	if err != nil {
		return err
	}
	usage, err := h.Keys.Usage(r.Context(), k, since)
	if err != nil {
		return err
	}
	if k, err = h.key(r); err != nil { // again: its last use may have been written just now
		return err
	}
	return succeed(w, found, fromUsage(k, usage, everyDay(since, now)))
}

// everyDay returns the days from one on until now.
func everyDay(since, now time.Time) []time.Time {
	var out []time.Time
	for at := since; !at.After(now); at = at.Add(day) {
		out = append(out, at)
	}
	return out
}

// fromUsage tells what was done with a key on some days: of each of them also
// if it is nothing, as charts need it.
func fromUsage(k identity.APIKey, usage identity.KeyUsage, days []time.Time) keyStats {
	out := keyStats{
		Total: usage.Requests, Succeeded: usage.Requests - usage.Errors, Failed: usage.Errors,
		Days: make([]dayStats, len(days)), Endpoints: make([]endpointStats, len(usage.Endpoints)),
		LastUsedAt: stampOrNull(k.LastUsedAt),
	}
	counts := map[string]int64{}
	for _, d := range usage.Days {
		counts[d.Day.UTC().Format(time.DateOnly)] = d.Requests
	}
	for i, d := range days {
		date := d.Format(time.DateOnly)
		out.Days[i] = dayStats{date, counts[date]}
	}
	for i, e := range usage.Endpoints {
		out.Endpoints[i] = endpointStats{e.Endpoint, e.Requests}
	}
	if k.LastAddress.IsValid() {
		text := k.LastAddress.String()
		out.LastIP = &text
	}
	return out
}
