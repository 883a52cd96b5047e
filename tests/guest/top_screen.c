// SPDX-License-Identifier: GPL-2.0
/*
 * cenctl top on a terminal: what it draws, its keys, a window that changes its size, and how it
 * leaves the terminal.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "port.h"

static int terminal;
static pid_t top;
static char drawn[256 * KIB];	/* since the last forget() */
static size_t drawn_size;

static void start(const char *type, const char *delay, unsigned short rows)
{
	const struct winsize size = { .ws_row = rows, .ws_col = 100 };

	drawn_size = 0;
	top = forkpty(&terminal, NULL, NULL, &size);
	assert_true(top >= 0);
	if (!top) {
		setenv("TERM", type, 1);
		execlp("cenctl", "cenctl", "top", "--delay", delay, NULL);
		_exit(127);
	}
}

static void forget(void)
{
	drawn_size = 0;
	drawn[0] = 0;
}

/* What it draws, until @text is among it. Asserts that it comes. */
static void wait_for(const char *text)
{
	struct pollfd fd = { .fd = terminal, .events = POLLIN };
	ssize_t got;

	drawn[drawn_size] = 0;
	while (!strstr(drawn, text)) {
		if (poll(&fd, 1, 20000) != 1)
			fail_msg("no '%s' in: %s", text, drawn);
		got = read(terminal, drawn + drawn_size, sizeof(drawn) - 1 - drawn_size);
		if (got <= 0)
			fail_msg("it ended without '%s': %s", text, drawn);
		drawn_size += (size_t)got;
		drawn[drawn_size] = 0;
	}
}

static void key(const char *bytes)
{
	assert_int_equal(write(terminal, bytes, strlen(bytes)), strlen(bytes));
}

/* Its exit status, after what is left to be drawn. */
static int end(void)
{
	char rest[4096];
	int status;

	while (read(terminal, rest, sizeof(rest)) > 0)
		;
	assert_int_equal(waitpid(top, &status, 0), top);
	close(terminal);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void shows_ports_and_what_they_do(void **state)
{
	int rx = p_open("sdr0-rx"), fd = p_buffer(P_BLOCK, rx, -1);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8 };

	(void)state;
	start("xterm", "3600", 30);
	wait_for("BLOCKS/S");
	wait_for("sdr0-rx");
	wait_for("sdr0-tx");
	for (int i = 0; i < 777; i++) {
		assert_ok(p_enqueue_full(rx, &arg));
		assert_int_equal(p_wait(rx).status, 0);
	}
	assert_null(strstr(drawn, "777"));
	key(" ");
	wait_for("777");
	key("q");
	assert_int_equal(end(), 0);
}

/* Keys do not wait for the next look, which is an hour away. */
static void keys(void **state)
{
	(void)state;
	start("xterm", "3600", 4);
	wait_for("lines 1 to 3 of");
	forget();
	key("\033OB");
	wait_for("2");		/* of "lines 2 to 4" only what differs is drawn */
	key("\033[6~");
	key("\033OH");
	forget();
	/* all of it in a larger window */
	assert_ok(ioctl(terminal, TIOCSWINSZ, &(struct winsize){ .ws_row = 40, .ws_col = 60 }));
	wait_for("sdr0-tx");
	/* and in one that is too small for anything */
	assert_ok(ioctl(terminal, TIOCSWINSZ, &(struct winsize){ .ws_row = 1, .ws_col = 2 }));
	key("q");
	assert_int_equal(end(), 0);
}

/* Ctrl-C and q leave the terminal as it was: another screen back, keys echoed. */
static void leaves_the_terminal_as_it_was(void **state)
{
	static const char * const keys_that_end[] = { "\003", "q" };
	struct termios now;
	siginfo_t ended;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys_that_end); i++) {
		start("xterm", "3600", 24);
		wait_for("sdr0-tx");
		assert_ok(tcgetattr(terminal, &now));
		assert_false(now.c_lflag & (ICANON | ECHO));
		assert_true(now.c_lflag & ISIG);
		forget();
		key(keys_that_end[i]);
		wait_for("\033[?1049l");
		assert_ok(waitid(P_PID, (id_t)top, &ended, WEXITED | WNOWAIT));
		assert_ok(tcgetattr(terminal, &now));
		assert_int_equal(now.c_lflag & (ICANON | ECHO), ICANON | ECHO);
		assert_int_equal(end(), 0);
	}
}

static void a_terminal_nobody_knows(void **state)
{
	(void)state;
	start("a-teapot", "1", 24);
	wait_for("a-teapot");
	wait_for("--once");
	assert_int_equal(end(), 2);
}

/* The window is closed. */
static void hangup(void **state)
{
	int status;

	(void)state;
	start("linux", "3600", 24);
	wait_for("sdr0-tx");
	close(terminal);
	assert_int_equal(waitpid(top, &status, 0), top);
}

static const struct CMUnitTest tests[] = {
	t_test(shows_ports_and_what_they_do),
	t_test(keys),
	t_test(leaves_the_terminal_as_it_was),
	t_test(a_terminal_nobody_knows),
	t_test(hangup),
};

int main(void)
{
	int ret;

	p_load("");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
