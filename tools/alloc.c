// SPDX-License-Identifier: GPL-2.0
/* cenctl alloc */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cenctl.h"
#include "flow.h"

enum {
	KEY_HEAP = 0x200,
	KEY_ACCOUNT,
	KEY_HOLD,
};

#define NS		1000000000ULL
#define HOLD_FOREVER	(-1L)
#define HOLD_NOT	(-2L)

struct options {
	struct common_options common;
	struct want_options want;
	const char *heaps[CEN_MAX_HEAPS];
	unsigned int heap_count;
	bool account;
	bool quiet;
	long hold;		/* seconds, or HOLD_* */
	char **command;		/* NULL: none */
};

static const struct argp_option list[] = {
	{ "heap", KEY_HEAP, "HEAP", 0, "only this heap may serve; repeatable", 2 },
	{ "account", KEY_ACCOUNT, 0, 0, "charge the memory to the caller's memory cgroup", 2 },
	{ "hold", KEY_HOLD, "SECONDS", 0,
	  "keep the buffer that long; \"forever\": until interrupted", 2 },
	{ "quiet", 'q', 0, 0, "print nothing about the buffer", 2 },
	{ 0 }
};

static long parse_hold(struct argp_state *state, const char *text)
{
	char *end;
	long seconds;

	if (!strcmp(text, "forever"))
		return HOLD_FOREVER;
	errno = 0;
	seconds = strtol(text, &end, 10);
	if (errno || end == text || *end || seconds < 0)
		argp_error(state, "--hold: '%s': a number of seconds or \"forever\" is accepted",
			   text);
	return seconds;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->want;
		state->child_inputs[1] = &options->common;
		return 0;
	case KEY_HEAP:
		if (options->heap_count == CEN_MAX_HEAPS)
			argp_error(state, "--heap: at most %d are accepted", CEN_MAX_HEAPS);
		options->heaps[options->heap_count++] = arg;
		return 0;
	case KEY_ACCOUNT:
		options->account = true;
		return 0;
	case KEY_HOLD:
		options->hold = parse_hold(state, arg);
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->command = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		if (options->command && options->hold != HOLD_NOT)
			argp_error(state, "--hold and a command exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &want_argp, 0, 0, 0 }, { &common_argp, 0, 0, 0 }, { 0 }
};
static const struct argp argp = {
	list, parse, "[-- COMMAND [ARG...]]",
	"Allocate a buffer that fits the devices, tell about it, and hold it or run COMMAND with it. "
	"In each ARG, {fd} becomes the number of the buffer's file descriptor; COMMAND also finds it "
	"in the environment variable CEN_FD."
	"\vExit status: that of COMMAND (128 + signal when one ended it); without COMMAND 0 allocated, "
	"1 refused, 2 usage, 3 no allocator, 4 other trouble, 128 + signal when interrupted.",
	children, 0, 0
};

/* Names to a mask of indices. */
static int find_heaps(const struct options *options, struct cen_ctx *ctx, uint32_t *mask)
{
	struct cen_heap_list *heaps = cen_heap_list_new(ctx);
	int code = EXIT_OK;

	*mask = 0;
	if (!heaps)
		return report_failure(errno);
	for (unsigned int i = 0; i < options->heap_count && code == EXIT_OK; i++) {
		const struct cen_heap_info *info = cen_heap_list_find(heaps, options->heaps[i]);

		if (info) {
			*mask |= 1U << info->index;
		} else {
			warnx("no heap '%s'; cenctl heaps lists those there are", options->heaps[i]);
			code = EXIT_TROUBLE;
		}
	}
	cen_heap_list_free(heaps);
	return code;
}

static const char *heap_name(struct cen_heap_list *heaps, uint32_t index)
{
	const struct cen_heap_info *info;

	for (size_t i = 0; heaps && (info = cen_heap_list_get(heaps, i)); i++)
		if (info->index == index)
			return info->name;
	return "?";
}

static struct json_object *json_from_promises(uint32_t promises, bool kept)
{
	struct json_object *json = json_object_new_array();

	for (uint32_t bit = 1; bit & CEN_PROMISES_ALL; bit <<= 1)
		if (!(promises & bit) == !kept)
			json_object_array_add(json, json_object_new_string(cen_promise_text(bit)));
	return json;
}

static void print_buffer_json(struct cen_buffer *buf, const char *heap,
			      const struct cen_info *info)
{
	struct json_object *json = json_object_new_object();
	uint32_t promises = cen_buffer_promises(buf);

	json_add_u64(json, "size", cen_buffer_size(buf));
	json_add_bool(json, "native", cen_buffer_is_native(buf));
	json_object_object_add(json, "plan", json_from_plan(cen_buffer_plan(buf), heap));
	if (info) {
		json_add_u64(json, "id", info->id);
		json_add_u64(json, "inode", info->inode);
		json_add_u64(json, "pieces", info->chunks);
		json_add_u64(json, "address_bits", info->addr_bits);
	}
	json_object_object_add(json, "promised", json_from_promises(promises, true));
	json_object_object_add(json, "not_promised", json_from_promises(promises, false));
	print_json(json);
}

static void print_buffer_text(struct cen_buffer *buf, const char *heap,
			      const struct cen_info *info)
{
	uint32_t promises = cen_buffer_promises(buf);
	char size[32];

	cen_size_format(cen_buffer_size(buf), size, sizeof(size));
	printf("%s from heap %s", size, heap);
	if (info)
		printf(": %u %s, addresses of at most %u bits (buffer %llu, inode %llu)",
		       info->chunks, info->chunks == 1 ? "piece" : "pieces", info->addr_bits,
		       (unsigned long long)info->id, (unsigned long long)info->inode);
	putchar('\n');
	for (uint32_t bit = 1; bit & CEN_PROMISES_ALL; bit <<= 1)
		if (!(promises & bit))
			printf("  not promised: %s\n", cen_promise_text(bit));
}

static int print_buffer(const struct options *options, struct cen_ctx *ctx,
			struct cen_buffer *buf)
{
	struct cen_heap_list *heaps = cen_heap_list_new(ctx);
	struct cen_buffer_info *info = NULL;
	const struct cen_info *fields = NULL;
	const char *heap = heap_name(heaps, cen_buffer_plan(buf)->heap);

	if (cen_buffer_is_native(buf)) {
		info = cen_buffer_info_new(buf);
		if (!info) {
			cen_heap_list_free(heaps);
			return report_failure(errno);
		}
		fields = cen_buffer_info_get(info);
	}
	if (options->common.json)
		print_buffer_json(buf, heap, fields);
	else
		print_buffer_text(buf, heap, fields);
	fflush(stdout);		/* before COMMAND writes, or the holding begins */
	cen_buffer_info_free(info);
	cen_heap_list_free(heaps);
	return EXIT_OK;
}

/* Wait for the time to pass, also while we are stopped, or for somebody to say stop. */
static int hold(long seconds)
{
	const uint64_t wanted = (uint64_t)seconds, most = INT64_MAX / NS;	/* centuries */
	uint64_t until = flow_now() + (wanted < most ? wanted : most) * NS;
	sigset_t stop;
	int sig;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	do {
		uint64_t now = flow_now(), left = until > now ? until - now : 0;
		struct timespec time = { (time_t)(left / NS), (long)(left % NS) };

		sig = sigtimedwait(&stop, NULL, seconds == HOLD_FOREVER ? NULL : &time);
	} while (sig < 0 && errno == EINTR);
	return sig > 0 ? 128 + sig : EXIT_OK;
}

/* Every "{fd}" in @arg replaced; the caller frees it. */
static char *substitute(const char *arg, const char *fd)
{
	char *text = NULL;
	const char *at;
	size_t room;
	FILE *to = open_memstream(&text, &room);

	if (!to)
		err(EXIT_TROUBLE, "arguments");
	while ((at = strstr(arg, "{fd}"))) {
		fwrite(arg, 1, (size_t)(at - arg), to);
		fputs(fd, to);
		arg = at + strlen("{fd}");
	}
	fputs(arg, to);
	if (fclose(to) || !text)
		err(EXIT_TROUBLE, "arguments");
	return text;
}

static _Noreturn void exec_command(char **command, int fd)
{
	char number[16];
	int i = 0;

	/* The copy without O_CLOEXEC exists only here, in the child. */
	fd = dup(fd);
	if (fd < 0)
		err(EXIT_TROUBLE, "dup");
	snprintf(number, sizeof(number), "%d", fd);
	setenv("CEN_FD", number, 1);
	do {
		command[i] = substitute(command[i], number);
	} while (command[++i]);
	execvp(command[0], command);
	err(errno == ENOENT ? 127 : 126, "%s", command[0]);
}

/* As system(): what the terminal sends is for the command, we wait for its end. */
static int run_command(char **command, int fd)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old_int, old_quit;
	int status;
	pid_t pid;

	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	pid = fork();
	if (pid < 0) {
		warn("fork");
		return EXIT_TROUBLE;
	}
	if (!pid) {
		sigaction(SIGINT, &old_int, NULL);
		sigaction(SIGQUIT, &old_quit, NULL);
		exec_command(command, fd);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			warn("waitpid");
			return EXIT_TROUBLE;
		}
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int use_buffer(const struct options *options, struct cen_ctx *ctx,
		      struct cen_buffer *buf)
{
	int code = EXIT_OK;

	if (cen_device_set_count(options->want.devices) &&
	    cen_buffer_declare_set(buf, options->want.devices))
		return report_failure(errno);
	if (cen_buffer_commit(buf))
		return report_failure(errno);
	if (!options->quiet)
		code = print_buffer(options, ctx, buf);
	if (code == EXIT_OK && options->command)
		return run_command(options->command, cen_buffer_fd(buf));
	if (code == EXIT_OK && options->hold != HOLD_NOT)
		return hold(options->hold);
	return code;
}

int cenctl_alloc(int argc, char **argv)
{
	struct options options = { .hold = HOLD_NOT };
	struct cen_buffer *buf;
	struct cen_ctx *ctx;
	uint32_t heap_mask;
	int code;

	parse_arguments(&argp, argc, argv, ARGP_IN_ORDER, &options);
	ctx = open_allocator(&options.common, &code);
	if (!ctx)
		goto free_devices;
	code = find_heaps(&options, ctx, &heap_mask);
	if (code != EXIT_OK)
		goto close_ctx;
	buf = cen_buffer_new_with(ctx, options.want.size, options.want.align, heap_mask,
				  options.account ? CEN_CREATE_ACCOUNT : 0);
	if (!buf) {
		code = report_failure(errno);
		goto close_ctx;
	}
	code = use_buffer(&options, ctx, buf);
	cen_buffer_free(buf);
close_ctx:
	cen_ctx_close(ctx);
free_devices:
	cen_device_set_free(options.want.devices);
	return code;
}
