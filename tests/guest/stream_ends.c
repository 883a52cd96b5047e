// SPDX-License-Identifier: GPL-2.0
/*
 * cenctl stream, and what its ends may do: a host that sends empty packets.
 */
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

static const struct CMUnitTest tests[] = {
	t_test(empty_packets),
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
