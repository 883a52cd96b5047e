// SPDX-License-Identifier: GPL-2.0
/*
 * TAP, gathered until somebody reads it.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/stdarg.h>
#include <linux/vmalloc.h>

#include "kapi.h"

#define KAPI_ROOM	SZ_64K

static char *kapi_text;
static size_t kapi_len;
static unsigned int kapi_checks;

static __printf(1, 2) void kapi_say(const char *fmt, ...)
{
	va_list args;

	if (!kapi_text)
		return;
	va_start(args, fmt);
	kapi_len += vscnprintf(kapi_text + kapi_len, KAPI_ROOM - kapi_len, fmt, args);
	va_end(args);
}

void kapi_results_reset(void)
{
	if (!kapi_text)
		kapi_text = vzalloc(KAPI_ROOM);
	kapi_len = 0;
	kapi_checks = 0;
}

void kapi_results_plan(void)
{
	kapi_say("1..%u\n", kapi_checks);
}

void kapi_results_free(void)
{
	vfree(kapi_text);
	kapi_text = NULL;
}

const char *kapi_results(void)
{
	return kapi_text ?: "";
}

bool kapi_ok(bool good, const char *what, ...)
{
	char name[128];
	va_list args;

	va_start(args, what);
	vsnprintf(name, sizeof(name), what, args);
	va_end(args);
	kapi_say("%sok %u - %s\n", good ? "" : "not ", ++kapi_checks, name);
	return good;
}

bool kapi_equal(u64 got, u64 want, const char *what)
{
	if (got != want)
		kapi_say("# %s: got %llu, want %llu\n", what, got, want);
	return kapi_ok(got == want, "%s", what);
}

bool kapi_errno(long got, long want, const char *what)
{
	if (got != want)
		kapi_say("# %s: got %ld, want %ld\n", what, got, want);
	return kapi_ok(got == want, "%s: %ld", what, want);
}
