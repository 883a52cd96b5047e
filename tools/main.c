// SPDX-License-Identifier: GPL-2.0
/* cenctl: the verbs and how to get to them. */
#include <err.h>
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cenctl.h"

static const struct verb verbs[] = {
	{ "devices", cenctl_devices, "devices of this machine and their limits" },
	{ "heaps", cenctl_heaps, "heaps that buffers can be placed in" },
	{ "explain", cenctl_explain, "plan or refusal for a size and a set of devices" },
	{ "alloc", cenctl_alloc, "allocate a buffer, hold it or run a command with it" },
	{ "buffers", cenctl_buffers, "buffers there are, and who holds them" },
	{ "apply", cenctl_apply, "hand the administrator's device rules to the kernel" },
	{ "fpga", cenctl_fpga, "FPGA images: load them, keep them in slots, switch" },
	{ "ports", cenctl_ports, "ports that data can flow from and to" },
	{ "stream", cenctl_stream, "let data flow between devices and files, without copies" },
	{ "link", cenctl_link, "let it flow inside the kernel, without system calls" },
	{ "top", cenctl_top, "ports, links, buffers and their rates, live" },
};

static void usage(FILE *to)
{
	fputs("Usage: cenctl VERB [OPTION...]\n"
	      "       cenctl VERB --help\n"
	      "       cenctl --version\n"
	      "\n"
	      "Buffers placed where every device that will use them can reach them.\n"
	      "\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].help);
	fputs("\nExit status: 0 done, 1 refused, 2 usage, 3 no allocator, 4 other trouble.\n"
	      "Manual: cenctl(1).\n", to);
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	char name[32];

	snprintf(name, sizeof(name), "cenctl %s", verb->name);
	argv[0] = name;		/* argp's messages begin with it */
	return verb->run(argc, argv);
}

static int dispatch(int argc, char **argv)
{
	const struct verb *verb;

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("cenctl %s\n", cen_version());
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		verb = argc > 2 ? find_verb(argv[2]) : NULL;
		if (verb) {
			char help[] = "--help";
			char *args[] = { argv[0], help, NULL };

			return run_verb(verb, 2, args);
		}
		usage(stdout);
		return EXIT_OK;
	}
	verb = find_verb(argv[1]);
	if (!verb) {
		warnx("unknown verb '%s'", argv[1]);
		usage(stderr);
		return EXIT_USAGE;
	}
	return run_verb(verb, argc - 1, argv + 1);
}

/*
 * Output that got lost is a failure, whatever the verb thinks, or argp, which exits by itself. Some
 * file systems tell at close() only. Who had nothing to say needs no output.
 */
static void close_output(int code, void *unused)
{
	bool said = __fpending(stdout), lost = ferror(stdout);

	(void)unused;
	if (!lost && !fflush(stdout) && (!close(STDOUT_FILENO) || (errno == EBADF && !said)))
		return;
	warn("standard output");
	if (code == EXIT_OK)
		_exit(EXIT_TROUBLE);
}

int main(int argc, char **argv)
{
	argp_err_exit_status = EXIT_USAGE;
	on_exit(close_output, NULL);
	return dispatch(argc, argv);
}
