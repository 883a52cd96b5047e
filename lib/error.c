// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The text behind errno: per thread, of fixed size, so that failing needs no memory. */
#include "internal.h"

static _Thread_local char cen_error_text[CEN_ERROR_TEXT];

CEN_API const char *cen_error(void)
{
	return cen_error_text;
}

CEN_API const char *cen_version(void)
{
	return CEN_VERSION;
}

static void cen_vsay(size_t at, const char *fmt, va_list args)
{
	int saved = errno;
	size_t end;

	vsnprintf(cen_error_text + at, sizeof(cen_error_text) - at, fmt, args);
	/* Explanations end with a newline, an error text does not. */
	end = strlen(cen_error_text);
	while (end && cen_error_text[end - 1] == '\n')
		cen_error_text[--end] = '\0';
	errno = saved;
}

int cen_say(int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	cen_vsay(0, fmt, args);
	va_end(args);
	return error;
}

int cen_say_more(int error, const char *fmt, ...)
{
	size_t at = strlen(cen_error_text);
	va_list args;

	if (at && at < sizeof(cen_error_text) - 1)
		cen_error_text[at++] = '\n';
	va_start(args, fmt);
	cen_vsay(at, fmt, args);
	va_end(args);
	return error;
}

int cen_ret(int error)
{
	if (error >= 0)
		return error;
	errno = -error;
	return -1;
}

void *cen_ret_null(int error)
{
	errno = -error;
	return NULL;
}
