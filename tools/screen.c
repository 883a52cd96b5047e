// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal of cenctl top, by ncurses: it knows all terminals, what changed since it
 * drew last, and when the window has another size.
 */
#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flow.h"
#include "screen.h"

static SCREEN *screen;
static int first;	/* line at the top of the screen */

int screen_open(void)
{
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return -1;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	first = 0;
	return 0;
}

void screen_close(void)
{
	endwin();
	delscreen(screen);
	screen = NULL;
}

static int count_lines(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* As much as fits; the last line of the window tells when there is more. */
static void draw(const char *text)
{
	int lines = count_lines(text), rows = lines > LINES ? LINES - 1 : LINES, y = 0;

	if (first > lines - rows)
		first = lines - rows;
	if (first < 0)
		first = 0;
	for (int skip = first; skip; skip--)
		text = strchr(text, '\n') + 1;
	erase();
	for (; *text && y < rows; y++) {
		int length = (int)strcspn(text, "\n");

		mvaddnstr(y, 0, text, length < COLS ? length : COLS);
		text += length + (text[length] == '\n');
	}
	if (lines > LINES) {
		char more[64];

		snprintf(more, sizeof(more), "lines %d to %d of %d", first + 1, first + rows, lines);
		attron(A_REVERSE);
		mvaddnstr(LINES - 1, 0, more, COLS);
		attroff(A_REVERSE);
	}
	refresh();
}

/* Does this key only change what is seen of the text? */
static bool scroll_by(int key)
{
	int page = LINES > 2 ? LINES - 2 : 1;

	switch (key) {
	case KEY_DOWN:
		first++;
		return true;
	case KEY_UP:
		first--;
		return true;
	case KEY_NPAGE:
		first += page;
		return true;
	case KEY_PPAGE:
		first -= page;
		return true;
	case KEY_HOME:
		first = 0;
		return true;
	case KEY_END:
		first = 1 << 20;
		return true;
	case KEY_RESIZE:
		return true;
	default:
		return false;
	}
}

/*
 * A key, or ERR: that long there was none, or a signal came. The signals are let in while it waits
 * only: one that came before it is seen here, and none comes between that look and the wait.
 */
static int wait_for_key(struct pollfd *keyboard, uint64_t ns, int *ready)
{
	const struct timespec timeout = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
	sigset_t held, let;
	int key;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGWINCH);
	sigprocmask(SIG_BLOCK, &held, &let);
	key = keyboard->fd < 0 ? ERR : getch();
	if (key == ERR && !flow_stopped()) {
		*ready = ppoll(keyboard, 1, &timeout, &let);
		key = keyboard->fd < 0 ? ERR : getch();
	}
	sigprocmask(SIG_SETMASK, &let, NULL);
	return key;
}

bool screen_show(const char *text, unsigned long delay)
{
	/* without a keyboard only a signal ends it */
	struct pollfd keyboard = { .fd = isatty(STDIN_FILENO) ? STDIN_FILENO : -1, .events = POLLIN };
	uint64_t until = flow_now() + delay * 1000000, now;

	for (;;) {
		int ready = 0, key;

		draw(text);
		now = flow_now();
		if (now >= until)
			return !flow_stopped();
		key = wait_for_key(&keyboard, until - now, &ready);
		if (flow_stopped())
			return false;
		if (key == ERR && ready > 0)
			return false;
		if (key == 'q' || key == 'Q')
			return false;
		if (key != ERR && !scroll_by(key))
			return true;
	}
}
