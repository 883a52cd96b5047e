/* SPDX-License-Identifier: GPL-2.0 */
/* A text that is drawn anew again and again on the whole terminal. */
#ifndef _CENCTL_SCREEN_H
#define _CENCTL_SCREEN_H

#include <stdbool.h>

/* -1: nothing is known of this terminal, and nothing was done to it. */
int screen_open(void);
void screen_close(void);
/*
 * Show @text for @delay ms, or until a key asks for a newer one. Arrow and page keys scroll, and the
 * window may change its size. False: q was pressed, a signal came or the terminal is gone.
 */
bool screen_show(const char *text, unsigned long delay);

#endif
