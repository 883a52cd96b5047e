// SPDX-License-Identifier: GPL-2.0
/*
 * reload.sh's other half: holds a buffer in the way its argument says, by nothing but
 * that, until its input ends. Without an argument it is a test that skips itself.
 */
#include <linux/dma-heap.h>

#include "common.h"

/* Without the module the heap of a kernel that keeps it is empty. */
static int gone(void)
{
	struct dma_heap_allocation_data data = { .len = MIB, .fd_flags = O_RDWR };
	int fd = open("/dev/dma_heap/cenalloc", O_RDWR);

	return t_ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &data) == -ENODEV ? 0 : 1;
}

static void *hold(const char *how)
{
	struct cen_device contiguous = t_anonymous("cam", (struct cen_limits) { .max_segs = 1 });
	struct dma_heap_allocation_data data = { .len = MIB, .fd_flags = O_RDWR };
	int fd = t_create(MIB, 0, 0, 0), id;
	void *at = NULL;

	if (fd < 0)
		exit(10);
	if (!strcmp(how, "empty"))
		return at;
	if (!strcmp(how, "contiguous") && t_declare(fd, &contiguous, 1))
		exit(11);
	if (!strcmp(how, "heap")) {
		close(fd);
		fd = open("/dev/dma_heap/cenalloc", O_RDWR);
		if (t_ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &data))
			exit(12);
		close(fd);
		fd = data.fd;
	}
	if (t_commit(fd))
		exit(13);
	if (!strcmp(how, "mapped")) {
		at = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (at == MAP_FAILED)
			exit(14);
		memset(at, 1, MIB);
		close(fd);
	}
	if (!strcmp(how, "attached") || !strcmp(how, "vmapped")) {
		if (t_sh("modprobe cen_test_importer"))
			exit(15);
		t_cti = open("/dev/cen_test_importer", O_RDWR);
		id = !strcmp(how, "attached") ? t_attach_name(fd, "platform:cen_test.0", 0) :
						t_vmap(fd);
		if (id < 0)
			exit(16);
		close(fd);
	}
	return at;
}

int main(int argc, char **argv)
{
	char c;

	if (argc != 2)
		t_skip_all("a part of reload.sh");
	if (!strcmp(argv[1], "gone"))
		return gone();
	t_cen = open("/dev/cenalloc", O_RDWR | O_CLOEXEC);
	if (t_cen < 0)
		return 17;
	hold(argv[1]);
	/* from here on the buffer alone is in the way */
	close(t_cen);
	printf("ready\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
