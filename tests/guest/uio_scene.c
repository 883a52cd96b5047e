// SPDX-License-Identifier: GPL-2.0
/* A buffer whose bytes tell what edu wrote, and scenes that are played until they were in time. */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "uio_scene.h"

int u_buffer;

static uint8_t *data;
static uint8_t filled;

static void fill(int fd, void *at, size_t size, uint8_t byte)
{
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_START);
	memset(at, byte, size);
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_END);
}

static void fill_edu(uint8_t byte)
{
	int fd = must_edu_buffer(PAGE), handle = u_attach(fd, CEN_UIO_TO_DEVICE);
	void *at = must_map(fd, PAGE);

	fill(fd, at, PAGE, byte);
	must_in(handle, 0, 0, EDU_MAX);
	assert_ok(u_detach(handle));
	must_unmap(at, PAGE);
	close(fd);
}

void must_fill_buffer(uint8_t byte)
{
	u_buffer = must_edu_buffer(64 * KIB);
	data = must_map(u_buffer, 64 * KIB);
	filled = byte;
	fill(u_buffer, data, 64 * KIB, byte);
}

size_t u_written(uint8_t byte)
{
	size_t count = 0;

	t_dma_buf_sync(u_buffer, CEN_SYNC_READ | CEN_SYNC_START);
	for (size_t i = 0; i < 64 * KIB; i++)
		count += data[i] != byte;
	t_dma_buf_sync(u_buffer, CEN_SYNC_READ | CEN_SYNC_END);
	return count;
}

bool u_masters_the_bus(void)
{
	char path[300];
	uint16_t command = 0;
	int fd;

	snprintf(path, sizeof(path), U_PCI "/%s/config", u_pci);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_ok(fd);
	assert_int_equal(pread(fd, &command, sizeof(command), 4), sizeof(command));
	close(fd);
	return command & 4;
}

void u_nap(unsigned int ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

void u_again(bool (*scene)(void))
{
	for (int i = 0; i < U_TRIES; i++) {
		fill(u_buffer, data, 64 * KIB, filled);
		fill_edu(~filled);
		if (scene()) {
			print_message("# in time at attempt %d\n", i + 1);
			return;
		}
	}
	t_skip("this machine has too much else to do");
}

bool u_cut_off(void)
{
	size_t count = u_written(filled);

	if (count) {
		assert_int_equal(count, EDU_MAX);
		return false;
	}
	u_nap(500);
	assert_int_equal(u_written(filled), 0);
	return true;
}

/* --- afterwards ------------------------------------------------------------------------------ */

void must_work(int handle)
{
	/* what it was interrupted by before */
	u_wait(0);
	must_in(handle, 0, 0, 64);
	assert_true(u_masters_the_bus());
	must_out(handle, 128, 0, 64);
	assert_ok(u_detach(handle));
}

void must_work_again(const char *rules_file)
{
	int handle;

	must_bind(rules_file);
	u_open();
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	must_work(handle);
}

/* --- sleepers ----------------------------------------------------------------------------- */

pid_t u_sleeper(bool polls)
{
	struct pollfd poller = { .events = POLLIN };
	char path[64], state = 'R';
	int32_t count;
	pid_t pid;
	int ret;

	pid = fork();
	if (!pid) {
		/* a file of its own: an event is told to each file once */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", u_uio);
		poller.fd = open(path, O_RDWR | O_CLOEXEC);
		if (poller.fd < 0)
			ret = -errno;
		else if (polls)
			ret = poll(&poller, 1, -1) == 1 ? poller.revents : -errno;
		else
			ret = read(poller.fd, &count, sizeof(count)) < 0 ? -errno :
									   (int)sizeof(count);
		_exit(ret & 0xff);
	}
	/* until it sleeps */
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 1000 && state != 'S'; i++) {
		char text[256];

		u_nap(10);
		if (t_read_file(path, text, sizeof(text)) && strchr(text, ')'))
			state = strchr(text, ')')[2];
	}
	assert_int_equal(state, 'S');
	return pid;
}

int u_slept(pid_t sleeper)
{
	int status = 0;
	pid_t ended = 0;

	for (int i = 0; i < 3000 && !ended; i++) {
		ended = waitpid(sleeper, &status, WNOHANG);
		u_nap(ended ? 0 : 10);
	}
	if (!ended) {
		kill(sleeper, SIGKILL);
		waitpid(sleeper, &status, 0);
		fail_msg("it sleeps still");
	}
	assert_true(WIFEXITED(status));
	return (int8_t)WEXITSTATUS(status);
}
