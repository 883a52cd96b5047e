// SPDX-License-Identifier: GPL-2.0
/*
 * cenctl stream, and what its ends may do: a host that sends empty packets, standard input and
 * output that somebody made non-blocking, a file that is lost when it is closed, a terminal.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "usb.h"

#define FILE_END	"/tmp/stream_ends"
#define SAYS		"/tmp/stream_ends.says"

/* Both ways a block can go. */
static const char * const ways[] = { "--json", "--copy" };

static pid_t streamer;

/* cenctl stream with these options, its input and output (-1: none); what it says goes to a file. */
static void start(const char *way, const char *from, const char *to, const char *more, int in, int out)
{
	streamer = fork();
	assert_true(streamer >= 0);
	if (streamer)
		return;
	dup2(in >= 0 ? in : open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(open(SAYS, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
	dup2(out >= 0 ? out : STDERR_FILENO, STDOUT_FILENO);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	execlp("cenctl", "cenctl", "stream", way, "--json", "--from", from, "--to", to, "-s", "64K",
	       more, NULL);
	_exit(127);
}

/* Its exit status, which comes within ten seconds, and what it said. */
static int end(char *says, size_t size)
{
	int status = 0;
	pid_t ended = 0;

	for (unsigned int i = 0; !ended && i < 1000 * t_slow(); i++) {
		ended = waitpid(streamer, &status, WNOHANG);
		if (!ended)
			usleep(10000);
	}
	if (!ended) {
		kill(streamer, SIGKILL);
		waitpid(streamer, &status, 0);
	}
	assert_true(t_read_file(SAYS, says, size));
	if (!ended)
		fail_msg("it does not end: %s", says);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void must_end(int status, const char *text)
{
	char says[4096];
	int got = end(says, sizeof(says));

	if (got != status || !strstr(says, text))
		fail_msg("status %d, not %d, or no '%s' in: %s", got, status, text, says);
}

/* Does the child wait? The first SIGINT has a handler then. */
static bool waits(void)
{
	char path[32], status[4096], *caught;

	snprintf(path, sizeof(path), "/proc/%d/status", streamer);
	assert_true(t_read_file(path, status, sizeof(status)));
	caught = strstr(status, "SigCgt:");
	return strstr(status, "State:\tS") && caught && strtoull(caught + 7, NULL, 16) & 1ULL << (SIGINT - 1);
}

static void until_it_waits(void)
{
	for (unsigned int i = 0; i < 1000 * t_slow(); i++) {
		if (waits())
			return;
		usleep(10000);
	}
	fail_msg("it does not wait");
}

static void make_pipe(int ends[2], int nonblocking)
{
	assert_ok(pipe(ends));
	assert_ok(fcntl(ends[nonblocking], F_SETFL, O_NONBLOCK));
}

static uint64_t size_of(const char *path)
{
	struct stat stat_buf;

	assert_ok(stat(path, &stat_buf));
	return (uint64_t)stat_buf.st_size;
}

/* They go nowhere, count as blocks, and are not the end. */
static void empty_packets(void **state)
{
	static const char bytes[104];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		start(ways[i], "usb:t", "file:" FILE_END, "-n4", -1, -1);
		assert_int_equal(g_host_write("ep1out", bytes, 104), 104);
		assert_int_equal(g_host_write("ep1out", bytes, 0), 0);
		assert_int_equal(g_host_write("ep1out", bytes, 0), 0);
		assert_int_equal(g_host_write("ep1out", bytes, 96), 96);
		must_end(0, "\"blocks\": 4,");
		assert_u64_equal(size_of(FILE_END), 200);
	}
}

/* Words that count up from *@word. */
static void put_ramp(int fd, uint32_t *word, size_t size)
{
	for (; size; size -= sizeof(*word), (*word)++)
		assert_int_equal(write(fd, word, sizeof(*word)), sizeof(*word));
}

static void input_that_does_not_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		uint64_t before = p_get("tx/bytes");
		uint32_t word = 0;
		int ends[2];

		p_reset();
		make_pipe(ends, 0);
		start(ways[i], "file:-", "port:sdr0-tx", "-d4", ends[0], -1);
		close(ends[0]);
		/* none yet, half a block, the other half and more */
		until_it_waits();
		put_ramp(ends[1], &word, 32 * KIB);
		until_it_waits();
		put_ramp(ends[1], &word, 64 * KIB);
		close(ends[1]);
		must_end(0, "\"bytes\": 98304,");
		assert_u64_equal(p_get("tx/bytes") - before, 96 * KIB);
		assert_u64_equal(p_get("tx/mismatches"), 0);
	}
}

static void output_that_does_not_block(void **state)
{
	static uint32_t words[64 * KIB];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		uint32_t next = 0;
		int ends[2];
		ssize_t got;

		p_reset();
		make_pipe(ends, 1);
		start(ways[i], "port:sdr0-rx", "file:-", "-n16", -1, ends[1]);
		close(ends[1]);
		/* the pipe is full */
		until_it_waits();
		usleep(100000);
		while ((got = read(ends[0], words, sizeof(words))) > 0)
			for (size_t at = 0; at < (size_t)got / sizeof(words[0]); at++)
				assert_int_equal(words[at], next++);
		close(ends[0]);
		must_end(0, "\"blocks\": 16,");
		assert_u64_equal(next, MIB / sizeof(next));
	}
}

/* Ctrl-C does not wait for input, whether it blocks or not. What was read goes on its way. */
static void stopped_while_there_is_no_input(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		uint64_t before = p_get("tx/bytes");
		uint32_t word = 0;
		int ends[2];

		p_reset();
		make_pipe(ends, i & 1);
		start(ways[i / 2], "file:-", "port:sdr0-tx", "-d4", ends[0], -1);
		put_ramp(ends[1], &word, 4 * KIB);
		until_it_waits();
		usleep(100000);
		assert_ok(kill(streamer, SIGINT));
		must_end(130, "\"interrupted\": true");
		assert_u64_equal(p_get("tx/bytes") - before, 4 * KIB);
		close(ends[0]);
		close(ends[1]);
	}
}

/* Written to the end, and then it says that it is over quota: that is no success. */
static void file_that_fails_when_it_is_closed(void **state)
{
	(void)state;
	assert_ok(setenv("LD_PRELOAD", "/cen/tests/close_fails.so", 1));
	assert_ok(setenv("CLOSE_FAILS", FILE_END, 1));
	for (int i = 0; i < 4; i++) {
		int out = i & 1 ? open(FILE_END, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;

		start(ways[i / 2], "port:sdr0-rx", i & 1 ? "file:-" : "file:" FILE_END, "-n4", -1, out);
		must_end(4, i & 1 ? "file:-: Disk quota exceeded" : "file:" FILE_END ": Disk quota exceeded");
		assert_u64_equal(size_of(FILE_END), 4 * P_BLOCK);
		if (out >= 0)
			close(out);
	}
	unsetenv("LD_PRELOAD");
	unsetenv("CLOSE_FAILS");
}

/* The line of progress goes when the account comes, also when nothing flowed. */
static void terminal(void **state)
{
	struct pollfd fd = { .events = POLLIN };
	char drawn[4096] = "";
	size_t size = 0;
	ssize_t got = 1;
	int status;

	(void)state;
	p_set("rx/hang", "1");
	streamer = forkpty(&fd.fd, NULL, NULL, NULL);
	assert_true(streamer >= 0);
	if (!streamer) {
		execlp("cenctl", "cenctl", "stream", "--from", "port:sdr0-rx", "--to", "port:sdr0-tx", NULL);
		_exit(127);
	}
	for (bool asked = false; got > 0 && size < sizeof(drawn) - 1; drawn[size] = 0) {
		if (poll(&fd, 1, 20000) != 1)
			fail_msg("it does not go on: %s", drawn);
		got = read(fd.fd, drawn + size, sizeof(drawn) - 1 - size);
		size += got > 0 ? (size_t)got : 0;
		if (asked || !strstr(drawn, "overruns"))
			continue;
		/* Ctrl-C: what the radio has comes back empty */
		assert_int_equal(write(fd.fd, "\003", 1), 1);
		p_set("rx/hang", "0");
		asked = true;
	}
	close(fd.fd);
	assert_int_equal(waitpid(streamer, &status, 0), streamer);
	if (WEXITSTATUS(status) != 130 || !strstr(drawn, "0 blocks, ") || !strstr(drawn, "\r\033[Kstream: "))
		fail_msg("status %d: %s", WEXITSTATUS(status), drawn);
}

static const struct CMUnitTest tests[] = {
	t_test(empty_packets),
	t_test(input_that_does_not_block),
	t_test(output_that_does_not_block),
	t_test(stopped_while_there_is_no_input),
	t_test(file_that_fails_when_it_is_closed),
	t_test(terminal),
};

int main(void)
{
	int ret;

	g_load("cen_sim_udc", "");
	p_load("");
	g_gadget(G_SIM, "in=1 out=1");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	g_gadget_remove();
	g_unload("cen_sim_udc");
	return p_unload() || ret;
}
