//go:build (dev || production) && !bindings

package app

/*
#cgo pkg-config: gtk+-3.0
#include <string.h>
#include <gtk/gtk.h>

// GTK may be spoken to on its own thread alone. An errand is something to do
// there, which the caller waits for; whoever lets go of it last frees it.
typedef struct {
	GMutex lock;
	GCond ended;
	gboolean done;
	int holders;
	char *text;        // to put on the clipboard, or
	guchar *data;      // what was on it
	gsize size, most;  // bytes
	gboolean ok;
} errand;

static void let_go(errand *e) {
	g_mutex_lock(&e->lock);
	gboolean last = --e->holders == 0;
	g_mutex_unlock(&e->lock);
	if (!last) return;
	g_free(e->data);
	g_free(e->text);
	g_mutex_clear(&e->lock);
	g_cond_clear(&e->ended);
	g_free(e);
}

static void finish(errand *e) {
	g_mutex_lock(&e->lock);
	e->done = TRUE;
	g_cond_signal(&e->ended);
	g_mutex_unlock(&e->lock);
	let_go(e);
}

static errand *new_errand(void) {
	errand *e = g_new0(errand, 1);
	g_mutex_init(&e->lock);
	g_cond_init(&e->ended);
	e->holders = 2;
	return e;
}

// run has something done on GTK's thread; FALSE if it takes too long.
static gboolean run(errand *e, GSourceFunc what) {
	gint64 until = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
	gboolean in_time = TRUE;
	g_idle_add(what, e);
	g_mutex_lock(&e->lock);
	while (!e->done && in_time) in_time = g_cond_wait_until(&e->ended, &e->lock, until);
	gboolean done = e->done;
	g_mutex_unlock(&e->lock);
	return done;
}

static void take_contents(GtkClipboard *clip, GtkSelectionData *data, gpointer p) {
	errand *e = p;
	gint n = gtk_selection_data_get_length(data);
	if (n > 0) {
		e->size = (gsize)n;
		if (e->size <= e->most) e->data = g_memdup2(gtk_selection_data_get_data(data), e->size);
	}
	finish(e);
}

static void take_targets(GtkClipboard *clip, GdkAtom *targets, gint n, gpointer p) {
	static const char *kinds[] = {"image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif"};
	for (guint k = 0; targets != NULL && k < G_N_ELEMENTS(kinds); k++)
		for (gint i = 0; i < n; i++)
			if (targets[i] == gdk_atom_intern_static_string(kinds[k])) {
				gtk_clipboard_request_contents(clip, targets[i], take_contents, p);
				return;
			}
	finish(p);
}

static gboolean read_picture(gpointer p) {
	gtk_clipboard_request_targets(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), take_targets, p);
	return G_SOURCE_REMOVE;
}

static void give_secret(GtkClipboard *clip, GtkSelectionData *data, guint info, gpointer text) {
	if (info == 1)
		gtk_selection_data_set(data, gtk_selection_data_get_target(data), 8, (const guchar *)"secret", 6);
	else
		gtk_selection_data_set_text(data, text, -1);
}

static void forget_secret(GtkClipboard *clip, gpointer text) {
	memset(text, 0, strlen(text));
	g_free(text);
}

static gboolean write_secret(gpointer p) {
	errand *e = p;
	GtkTargetList *list = gtk_target_list_new(NULL, 0);
	gtk_target_list_add_text_targets(list, 0);
	gtk_target_list_add(list, gdk_atom_intern_static_string("x-kde-passwordManagerHint"), 0, 1);
	gint n;
	GtkTargetEntry *targets = gtk_target_table_new_from_list(list, &n);
	e->ok = gtk_clipboard_set_with_data(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), targets, (guint)n, give_secret, forget_secret, e->text);
	if (e->ok) e->text = NULL; // it is the clipboard's now
	gtk_target_table_free(targets, n);
	gtk_target_list_unref(list);
	finish(e);
	return G_SOURCE_REMOVE;
}

static gboolean run_read(errand *e) { return run(e, read_picture); }
static gboolean run_write(errand *e) { return run(e, write_secret); }
*/
import "C"

import (
	"errors"
	"unsafe"

	"latchkey/backend/companion/qr"
)

var errClipboardSlow = errors.New("the clipboard does not answer")

// clipboardPicture returns the file of a picture that the clipboard offers, or
// nil. It works on X11 and Wayland, through GTK.
func (*window) clipboardPicture() ([]byte, error) {
	e := C.new_errand()
	defer C.let_go(e)
	e.most = qr.MostBytes
	if C.run_read(e) == 0 {
		return nil, errClipboardSlow
	}
	if e.size > e.most {
		return nil, qr.ErrFileLarge
	}
	return C.GoBytes(unsafe.Pointer(e.data), C.int(e.size)), nil
}

// setSecret puts a text on the clipboard, with the mark by which clipboard
// histories know what not to keep. It is not put into the selection that the
// middle button of the mouse pastes, which has no such marks.
func (*window) setSecret(text string) error {
	e := C.new_errand()
	defer C.let_go(e)
	e.text = C.CString(text)
	if C.run_write(e) == 0 {
		return errClipboardSlow
	}
	if e.ok == 0 {
		return errors.New("the clipboard cannot be had")
	}
	return nil
}
