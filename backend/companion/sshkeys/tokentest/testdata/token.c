/*
 * A security token of software for tests, which ssh-keygen takes for one that is
 * plugged in (SSH_SK_PROVIDER; OpenSSH's PROTOCOL.u2f). It makes a key that
 * signs nothing.
 *
 *   TOKEN_PIN    the PIN that it wants; none: it wants none
 *   TOKEN_TOUCH  a named pipe: touched when somebody writes to it
 *   TOKEN_ABSENT set: it is not plugged in
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GENERAL = -1, UNSUPPORTED = -2, PIN_REQUIRED = -3, NOT_FOUND = -4, ED25519 = 1 };

struct bytes {
	uint8_t *at;
	size_t n;
};

struct made {
	uint8_t flags;
	struct bytes public_key, handle, signature, certificate, data;
};

static struct bytes filled(int with, size_t n) {
	struct bytes b = {malloc(n), n};
	memset(b.at, with, n);
	return b;
}

uint32_t sk_api_version(void) { return 0x000a0000; }

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t n, const char *application, uint8_t flags, const char *pin, void *options,
	struct made **out) {
	const char *want = getenv("TOKEN_PIN"), *touch = getenv("TOKEN_TOUCH");
	char byte;
	if (getenv("TOKEN_ABSENT")) return NOT_FOUND;
	if (algorithm != ED25519) return UNSUPPORTED;
	if (want && (!pin || strcmp(pin, want))) return PIN_REQUIRED;
	if (touch) {
		int pipe = open(touch, O_RDONLY);
		if (pipe < 0 || read(pipe, &byte, 1) != 1) return GENERAL;
		close(pipe);
	}
	struct made *m = calloc(1, sizeof *m);
	m->flags = flags;
	m->public_key = filled(0x66, 32); /* the base point of the curve, */
	m->public_key.at[0] = 0x58;       /* so that it is a key */
	m->handle = filled('h', 64);
	m->signature = filled('s', 64);
	m->certificate = filled('c', 16);
	m->data = filled('d', 16);
	*out = m;
	return 0;
}

int sk_sign(void) { return UNSUPPORTED; }

int sk_load_resident_keys(const char *pin, void *options, void ***keys, size_t *n) { return UNSUPPORTED; }
