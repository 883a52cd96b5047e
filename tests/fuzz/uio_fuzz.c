// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile programs against cen_uio and a real bus master: valid lists with something wrong,
 * and noise, from two threads on one file, while a third takes the driver away and brings
 * it back. Runs in a guest.
 *
 * Every answer must be a documented one. edu ends the machine when it is told to use
 * its own memory out of bounds, and QEMU's log tells of an address out of its reach. What
 * edu was only to read, and what it was never given, must be what it was.
 *
 * CEN_SEED repeats a run, CEN_FUZZ_COUNT makes it longer.
 */
#include <pthread.h>
#include <time.h>

#include "uio_common.h"

#define BUFFERS		8
#define SIZE		(8 * KIB)

/* What edu may write, may read, and never gets. */
enum role { WRITABLE, READABLE, FOREIGN };

static struct {
	int fd;
	enum role role;
	uint8_t *data;
} buffers[BUFFERS];

static unsigned int count;
static uint64_t seed;
static volatile bool over;
static unsigned int wrong;		/* answers nobody documented */
static unsigned int answers[256];	/* by errno */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t device = PTHREAD_RWLOCK_INITIALIZER;	/* its nodes, u_node */

/* --- choices ------------------------------------------------------------------------------ */

static uint64_t pick(uint64_t *state, uint64_t below)
{
	return t_random(state) % below;
}

static bool chance(uint64_t *state, unsigned int one_in)
{
	return !pick(state, one_in);
}

static uint64_t any_number(uint64_t *state)
{
	static const uint64_t numbers[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 0xfff, 0x1000, 0x1001, 0x2000, 0x3ffff, 0x40000,
		0x40001, 0x40ffe, 0x40fff, 0x41000, 0xfffffff, 0x10000000, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
		0xfffffffffffff000, 0xffffffffffffffff,
	};

	switch (pick(state, 4)) {
	case 0:
		return t_random(state);
	case 1:
		return 1ULL << pick(state, 64);
	default:
		return numbers[pick(state, ARRAY_SIZE(numbers))] + (chance(state, 8) ? 1 : 0);
	}
}

static uint64_t any_reg(uint64_t *state)
{
	static const uint64_t regs[] = {
		EDU_ID, EDU_LIVENESS, EDU_IRQ_STATUS, EDU_IRQ_ACK, EDU_SOURCE, EDU_DEST,
		EDU_COUNT, EDU_COMMAND, EDU_SOURCE + 4, EDU_COMMAND + 4,
	};

	return chance(state, 16) ? any_number(state) : regs[pick(state, ARRAY_SIZE(regs))];
}

static uint32_t any_handle(uint64_t *state)
{
	return chance(state, 16) ? any_number(state) : 1 + pick(state, 4 * BUFFERS);
}

/* --- hostile lists -------------------------------------------------------------------------- */

static struct cen_uio_write any_write(uint64_t *state)
{
	struct cen_uio_write write;

	if (chance(state, 2))
		write = u_value(any_reg(state), any_number(state));
	else
		write = u_address(any_reg(state), any_handle(state), any_number(state),
				  any_number(state));
	write.width = write.reg < 0x80 ? 32 : 64;
	return write;
}

/* A transfer as it should be. */
static uint32_t good_list(uint64_t *state, struct cen_uio_write *list)
{
	uint64_t length = 1 + pick(state, 256), own = EDU_OWN + pick(state, 3000);
	uint64_t offset = pick(state, SIZE - length);
	bool in = chance(state, 2);

	list[0] = u_value(EDU_COUNT, length);
	list[1] = u_value(in ? EDU_DEST : EDU_SOURCE, own);
	list[2] = u_address(in ? EDU_SOURCE : EDU_DEST, any_handle(state), offset, length);
	list[3] = u_value(EDU_COMMAND, EDU_RUN | (in ? 0 : EDU_TO_MEMORY));
	for (int i = 0; i < 4; i++)
		list[i].width = 64;
	return 4;
}

static void spoil(uint64_t *state, struct cen_uio_write *list, uint32_t *length)
{
	struct cen_uio_write *write = &list[pick(state, *length)], other;

	switch (pick(state, 10)) {
	case 0:
		write->value = any_number(state);
		break;
	case 1:
		write->length = any_number(state);
		break;
	case 2:
		write->reg = any_reg(state);
		break;
	case 3:
		write->handle = any_handle(state);
		break;
	case 4:
		write->type ^= 1;
		break;
	case 5:
		write->width = any_number(state);
		break;
	case 6:
		write->region = any_number(state);
		break;
	case 7:
		other = list[0];
		list[0] = *write;
		*write = other;
		break;
	case 8:
		*write = any_write(state);
		break;
	default:
		list[(*length)++] = any_write(state);
		break;
	}
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answered(const char *what, int got, const int *documented)
{
	pthread_mutex_lock(&lock);
	if (-got >= 0 && -got < 256)
		answers[-got]++;
	if (got < 0) {
		while (*documented && *documented != -got)
			documented++;
		if (!*documented) {
			wrong++;
			print_message("# %s: %s is not documented\n", what, t_errname(-got));
		}
	}
	pthread_mutex_unlock(&lock);
}

static void fuzz_program(uint64_t *state)
{
	static const int documented[] = {
		EINVAL, E2BIG, EPERM, EACCES, ENOENT, ERANGE, EBUSY, ENODEV, EFAULT, 0,
	};
	struct cen_uio_write list[CEN_UIO_MAX_WRITES + 8];
	struct cen_uio_program arg = { .writes = (uintptr_t)list };

	memset(list, 0, sizeof(list));
	if (chance(state, 3)) {
		arg.count = 1 + pick(state, 6);
		for (uint32_t i = 0; i < arg.count; i++)
			list[i] = any_write(state);
	} else {
		arg.count = good_list(state, list);
		while (!chance(state, 3))
			spoil(state, list, &arg.count);
	}
	if (chance(state, 64))
		arg.count = any_number(state);
	if (chance(state, 64))
		arg.writes = any_number(state);
	if (chance(state, 64))
		arg.flags = any_number(state);
	answered("program", u_call(CEN_UIO_IOC_PROGRAM, &arg), documented);
}

static void fuzz_register(uint64_t *state)
{
	static const int documented[] = {
		EINVAL, EPERM, EACCES, ERANGE, EBUSY, ENODEV, 0,
	};
	struct cen_uio_access arg = {
		.reg = any_reg(state), .width = chance(state, 4) ? any_number(state) : 32,
		.region = chance(state, 16) ? any_number(state) : 0,
	};
	bool read = chance(state, 2);

	if (!read || chance(state, 16))
		arg.value = any_number(state);
	if (arg.reg >= 0x80)
		arg.width = 64;
	answered("register", u_call(read ? CEN_UIO_IOC_REG_READ : CEN_UIO_IOC_REG_WRITE, &arg),
		 documented);
}

static void fuzz_attach(uint64_t *state)
{
	static const int documented[] = {
		EINVAL, EPERM, EACCES, EBADF, ENOSPC, ERANGE, ENODEV, EBUSY, ENOMEM, 0,
	};
	uint32_t which = pick(state, BUFFERS);
	struct cen_uio_attach arg = {
		.fd = chance(state, 16) ? -1 : buffers[which].fd,
		.direction = buffers[which].role == READABLE ? CEN_UIO_TO_DEVICE :
			     1 + pick(state, 3),
	};

	if (buffers[which].role == FOREIGN)
		return;
	if (chance(state, 32))
		arg.flags = any_number(state);
	answered("attach", u_call(CEN_UIO_IOC_ATTACH, &arg), documented);
}

static void fuzz_handle(uint64_t *state)
{
	static const int documented[] = { EINVAL, EACCES, ENOENT, EBUSY, ENODEV, 0 };
	struct cen_uio_sync sync = { .handle = any_handle(state), .flags = pick(state, 8) };
	struct cen_uio_detach detach = { .handle = any_handle(state) };

	if (chance(state, 2))
		answered("sync", u_call(CEN_UIO_IOC_SYNC, &sync), documented);
	else
		answered("detach", u_call(CEN_UIO_IOC_DETACH, &detach), documented);
}

static void *fuzz_thread(void *number)
{
	uint64_t state = seed + (uintptr_t)number * 7919;

	for (unsigned int i = 0; i < count; i++) {
		pthread_rwlock_rdlock(&device);
		switch (pick(&state, 8)) {
		case 0:
			fuzz_attach(&state);
			break;
		case 1:
			fuzz_handle(&state);
			break;
		case 2:
			fuzz_register(&state);
			break;
		default:
			fuzz_program(&state);
			break;
		}
		pthread_rwlock_unlock(&device);
		/* Let a transfer end now and then, or all there is to see is EBUSY. */
		if (chance(&state, 24))
			nanosleep(&(struct timespec) { .tv_nsec = 5 * 1000 * 1000 }, NULL);
	}
	return NULL;
}

static int rebind(void)
{
	int ret = t_write_file("/sys/bus/pci/drivers/cen_uio/unbind", u_pci);

	/* calls are in progress until here */
	pthread_rwlock_wrlock(&device);
	u_close();
	if (!ret && cen_uio_bind(u_name, NULL))
		ret = -errno;
	if (!ret) {
		u_node = u_try_open();
		ret = u_node < 0 ? u_node : 0;
	}
	pthread_rwlock_unlock(&device);
	return ret;
}

static void *unbind_thread(void *unused)
{
	const unsigned int ms = 700 * t_slow();
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };
	int ret;

	(void)unused;
	while (!over) {
		nanosleep(&pause, NULL);
		ret = rebind();
		if (ret) {
			print_message("# binding again: %s\n", t_errname(-ret));
			wrong++;
			break;
		}
	}
	return NULL;
}

/* --- the test ------------------------------------------------------------------------------- */

static void make_buffers(void)
{
	for (uint32_t i = 0; i < BUFFERS; i++) {
		buffers[i].role = i % 3;
		buffers[i].fd = must_edu_buffer(SIZE);
		buffers[i].data = must_map(buffers[i].fd, SIZE);
		t_fill(buffers[i].data, SIZE, i);
	}
}

static void test_hostile_programs(void **state)
{
	pthread_t threads[2], unbinder;

	(void)state;
	make_buffers();
	for (uintptr_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fuzz_thread, (void *)i), 0);
	assert_int_equal(pthread_create(&unbinder, NULL, unbind_thread, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	over = true;
	pthread_join(unbinder, NULL);
	u_close();

	for (int i = 0; i < 256; i++)
		if (answers[i])
			print_message("# %6u %s\n", answers[i], t_errname(i));
	assert_int_equal(wrong, 0);
	/* all of these were met, or the lists were not hostile enough */
	assert_true(answers[0] && answers[EPERM] && answers[ERANGE] && answers[ENOENT] &&
		    answers[EBUSY] && answers[EINVAL]);
	for (uint32_t i = 0; i < BUFFERS; i++) {
		assert_u64_equal(must_info(buffers[i].fd).maps, 0);
		if (buffers[i].role == WRITABLE || t_swiotlb_forced())
			continue;
		if (t_wrong(buffers[i].data, SIZE, i) != SIZE)
			fail_msg("buffer %u, which edu was not to write, has changed", i);
	}
}

/* Rules that are nearly right, and noise: accepted or refused with a reason, no more. */
static void test_hostile_rules(void **state)
{
	static const char alphabet[] = "0123456789abcdefx:+;# \n\t-regwidthlngow";
	char rules[4096], text[4096], problem[200], path[256];
	unsigned int accepted = 0, refused = 0;
	uint64_t random = seed;
	size_t length;
	int ret;

	(void)state;
	assert_true(t_read_file(U_RULES, rules, sizeof(rules)));
	length = strlen(rules);
	snprintf(path, sizeof(path), U_CONFIGFS "/%s/problem", u_name);
	for (unsigned int i = 0; i < count / 4; i++) {
		memcpy(text, rules, length + 1);
		for (uint64_t edits = 1 + pick(&random, 4); edits; edits--) {
			size_t at = pick(&random, length), span = pick(&random, 16);

			switch (pick(&random, 3)) {
			case 0:
				text[at] = alphabet[pick(&random, sizeof(alphabet) - 1)];
				break;
			case 1:
				/* a piece of it elsewhere */
				if (at + span < length)
					memcpy(text + at, rules + pick(&random, length - span), span);
				break;
			default:
				text[at] = t_random(&random) | 1;
				break;
			}
		}
		ret = u_store_rules(text);
		if (ret && ret != -EINVAL)
			fail_msg("%s for rules:\n%s", t_errname(-ret), text);
		assert_true(t_read_file(path, problem, sizeof(problem)));
		assert_true(!ret == !problem[0]);
		accepted += !ret;
		refused += !!ret;
	}
	print_message("# %u accepted, %u refused\n", accepted, refused);
	assert_true(accepted && refused);
	assert_ok(u_store_rules(rules));
}

/* After all that edu does as it is told. */
static void test_still_works(void **state)
{
	int fd = must_edu_buffer(SIZE), handle;
	uint8_t *data = must_map(fd, SIZE);

	(void)state;
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_START);
	t_fill(data, SIZE, 99);
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_END);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	must_in(handle, 0, 0, 4000);
	must_out(handle, 4096, 0, 4000);
	t_dma_buf_sync(fd, CEN_SYNC_READ | CEN_SYNC_START);
	assert_memory_equal(data, data + 4096, 4000);
	t_dma_buf_sync(fd, CEN_SYNC_READ | CEN_SYNC_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		u_test_open(test_hostile_programs),
		u_test(test_hostile_rules),
		u_test_open(test_still_works),
	};
	const char *text = getenv("CEN_FUZZ_COUNT");
	int ret;

	u_begin();
	seed = t_seed(1);
	count = text ? strtoul(text, NULL, 0) : 12000 / t_slow();
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
