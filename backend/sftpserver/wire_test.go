package sftpserver

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
)

func TestFraming(t *testing.T) {
	stream := slices.Concat(packet(pktInit, uint32(3)), packet(pktStat, uint32(1), "/a"), []byte{0, 0, 0, 0}, packet(pktClose))
	ends := []int{9, 9 + 15, 9 + 15 + 4, 9 + 15 + 4 + 5}
	var f framing
	for i, b := range stream {
		if got, want := f.pass([]byte{b}), slices.Contains(ends, i+1); got != want {
			t.Errorf("after byte %d: %v, want %v", i+1, got, want)
		}
	}
	var pieces framing
	for _, cut := range []struct {
		piece []byte
		want  bool
	}{{stream[:4], false}, {stream[4:9], true}, {stream[9:11], false}, {stream[11:24], true}, {stream[24:28], true}, {stream[28:], true}} {
		if got := pieces.pass(cut.piece); got != cut.want {
			t.Errorf("after %x: %v, want %v", cut.piece, got, cut.want)
		}
	}
}

// The second request cannot be read before the first is answered, and a wire
// that breaks keeps nobody waiting.
func TestWireIsOneAtATime(t *testing.T) {
	requests := slices.Concat(packet(pktStat, uint32(1), "/a"), packet(pktStat, uint32(2), "/b"))
	for name, tc := range map[string]struct {
		answer func(w *wire) error
		err    error
	}{
		"answered": {func(w *wire) error { _, err := w.Write(packet(pktVersion)); return err }, nil},
		"closed":   {(*wire).Close, io.ErrClosedPipe},
	} {
		w := newWire(exchange{bytes.NewReader(requests), io.Discard}, func() {})
		first := make([]byte, len(requests)/2)
		if _, err := io.ReadFull(w, first); err != nil {
			t.Fatal(err)
		}
		second := make(chan error)
		go func() {
			_, err := io.ReadFull(w, first)
			second <- err
		}()
		select {
		case err := <-second:
			t.Errorf("%s: the second request was read before: %v", name, err)
		default:
		}
		if err := tc.answer(w); err != nil {
			t.Error(err)
		}
		if err := <-second; !errors.Is(err, tc.err) {
			t.Errorf("%s: %v, want %v", name, err, tc.err)
		}
	}
	broken := newWire(exchange{bytes.NewReader(requests), failing{}}, func() {})
	_, _ = io.ReadFull(broken, make([]byte, len(requests)/2))
	_, _ = broken.Write([]byte{0})
	if _, err := broken.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("after an answer that could not be written: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
