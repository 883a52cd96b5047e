// SPDX-License-Identifier: GPL-2.0
/*
 * A file system that tells at close() only what it could not keep, as NFS may: LD_PRELOAD this, and
 * the file that CLOSE_FAILS names is over quota. As on Linux, its descriptor is closed nevertheless.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int close(int fd)
{
	const char *path = getenv("CLOSE_FAILS");
	struct stat wanted, closed;
	int fails = path && !stat(path, &wanted) && !fstat(fd, &closed) &&
		    wanted.st_dev == closed.st_dev && wanted.st_ino == closed.st_ino;

	if (syscall(SYS_close, fd))
		return -1;
	if (!fails)
		return 0;
	errno = EDQUOT;
	return -1;
}
