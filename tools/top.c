// SPDX-License-Identifier: GPL-2.0
/* cenctl top: ports, links and buffers, and how fast they are, once a second. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cenctl.h"
#include "flow.h"
#include "ports.h"
#include "screen.h"

enum {
	KEY_JSON = 0x700,
	KEY_ONCE,
};

struct options {
	bool json;
	bool once;
	unsigned long delay;	/* ms */
};

static const struct argp_option list[] = {
	{ "json", KEY_JSON, 0, 0, "print one snapshot as JSON", 0 },
	{ "once", KEY_ONCE, 0, 0, "print one snapshot; what happens without a terminal", 0 },
	{ "delay", 'd', "SECONDS", 0, "time between two looks (1)", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	double seconds;
	char *end;

	switch (key) {
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_ONCE:
		options->once = true;
		return 0;
	case 'd':
		seconds = strtod(arg, &end);
		if (end == arg || *end || !(seconds >= 0.05 && seconds <= 3600))
			argp_error(state, "--delay: '%s': 0.05 to 3600 seconds are accepted", arg);
		options->delay = (unsigned long)(seconds * 1000);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	list, parse, 0,
	"Show ports, links and buffers and their rates, live. Keys: q ends it, arrows and page keys "
	"scroll, any other looks again at once. Links are shown of processes that the caller may look into, buffers of the calling user; "
	"of all for root.",
	0, 0, 0
};

/* Everything at one moment. */
struct snapshot {
	uint64_t time;
	struct cen_port_list *ports;
	struct cen_link_list *links;
	size_t hidden;
	size_t buffers;
	size_t backed;
	uint64_t bytes;
	bool buffers_known;
};

static void count_buffers(struct snapshot *snap)
{
	struct cen_ctx *ctx = cen_ctx_open(CEN_CTX_MODULE);
	struct cen_buffer_list *buffers = ctx ? cen_buffer_list_new(ctx) : NULL;
	const struct cen_buffer_info *buffer;

	snap->buffers_known = buffers;
	for (size_t i = 0; buffers && (buffer = cen_buffer_list_get(buffers, i)); i++) {
		const struct cen_info *info = cen_buffer_info_get(buffer);

		snap->buffers++;
		if (info->state != CEN_BUFFER_BACKED)
			continue;
		snap->backed++;
		snap->bytes += info->size;
	}
	cen_buffer_list_free(buffers);
	cen_ctx_close(ctx);
}

static int take(struct snapshot *snap)
{
	memset(snap, 0, sizeof(*snap));
	snap->time = flow_now();
	snap->ports = cen_port_list_new();
	snap->links = cen_link_list_new(&snap->hidden);
	if (!snap->ports || !snap->links)
		return -1;
	count_buffers(snap);
	return 0;
}

static void drop(struct snapshot *snap)
{
	cen_port_list_free(snap->ports);
	cen_link_list_free(snap->links);
}

static const struct cen_port_info *port_before(const struct snapshot *before, const char *name)
{
	const struct cen_port_info *info;

	for (size_t i = 0; before->ports && (info = cen_port_list_get(before->ports, i)); i++)
		if (!strcmp(info->name, name))
			return info;
	return NULL;
}

static const struct cen_link_entry *link_before(const struct snapshot *before,
						const struct cen_link_entry *link)
{
	const struct cen_link_entry *entry;

	for (size_t i = 0; before->links && (entry = cen_link_list_get(before->links, i)); i++)
		if (entry->pid == link->pid && !strcmp(entry->source, link->source))
			return entry;
	return NULL;
}

/* Of something per second; a counter that began anew has none. */
static double rate(const struct snapshot *now, const struct snapshot *before, uint64_t count,
		   uint64_t count_before)
{
	double seconds = (double)(now->time - before->time) / 1e9;

	return before->time && seconds > 0 && count >= count_before ?
	       (double)(count - count_before) / seconds : 0;
}

static void print_ports(FILE *out, const struct snapshot *now, const struct snapshot *before)
{
	static const char * const heading[] = {
		"PORT", "DIRECTION", "MIB/S", "BLOCKS/S", "BLOCKS", "ERRORS", "QUEUED", "ATTACHED", "LINKS",
	};
	struct table *table = table_new(ARRAY_SIZE(heading));
	const struct cen_port_info *info, *old;

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(table, heading[i]);
	for (size_t i = 0; (info = cen_port_list_get(now->ports, i)); i++) {
		old = port_before(before, info->name);
		table_add(table, info->name);
		table_add(table, info->direction == CEN_PORT_SINK ? "sink" : "source");
		table_addf(table, "%.1f", old ? rate(now, before, info->bytes, old->bytes) / (1 << 20) : 0);
		table_addf(table, "%.0f", old ? rate(now, before, info->blocks, old->blocks) : 0);
		table_addf(table, "%llu", (unsigned long long)info->blocks);
		table_addf(table, "%llu", (unsigned long long)info->errors);
		table_addf(table, "%u", info->queued);
		table_addf(table, "%u", info->attached);
		table_addf(table, "%u", info->links);
	}
	table_print_to(out, table);
}

static void print_links(FILE *out, const struct snapshot *now, const struct snapshot *before)
{
	static const char * const heading[] = {
		"LINK", "MIB/S", "BLOCKS", "LATENCY", "OVERRUNS", "DROPPED", "STATE", "PID", "COMMAND",
	};
	struct table *table = table_new(ARRAY_SIZE(heading));
	const struct cen_link_entry *link, *old;

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(table, heading[i]);
	for (size_t i = 0; (link = cen_link_list_get(now->links, i)); i++) {
		const struct cen_link_stats *stats = &link->stats;

		old = link_before(before, link);
		table_addf(table, "%s > %s", link->source, link->sinks);
		table_addf(table, "%.1f",
			   old ? rate(now, before, stats->bytes, old->stats.bytes) / (1 << 20) : 0);
		table_addf(table, "%llu", (unsigned long long)stats->blocks);
		table_addf(table, "%llu us", (unsigned long long)
			   (stats->blocks ? stats->latency_ns_total / stats->blocks / 1000 : 0));
		table_addf(table, "%llu", (unsigned long long)stats->overruns);
		table_addf(table, "%llu", (unsigned long long)stats->dropped);
		table_add(table, stats->running ? "runs" :
			  stats->status ? strerrorname_np(-stats->status) : "ended");
		table_addf(table, "%d", link->pid);
		table_add(table, link->comm);
	}
	table_print_to(out, table);
}

static void print_snapshot(FILE *out, const struct snapshot *now, const struct snapshot *before)
{
	char bytes[32];

	if (now->buffers_known) {
		cen_size_format(now->bytes, bytes, sizeof(bytes));
		fprintf(out, "buffers: %zu, %zu of them with memory, %s\n\n", now->buffers, now->backed,
		       now->bytes ? bytes : "0 bytes");
	}
	print_ports(out, now, before);
	if (cen_link_list_count(now->links)) {
		fputc('\n', out);
		print_links(out, now, before);
	}
	if (now->hidden)
		fprintf(out, "\n%zu processes could not be looked into; root can\n", now->hidden);
}

static struct json_object *json_from_link(const struct cen_link_entry *link)
{
	struct json_object *json = json_object_new_object();
	struct json_object *sinks = json_object_new_array();
	char text[sizeof(link->sinks)], *save, *sink;

	memcpy(text, link->sinks, sizeof(text));
	for (sink = strtok_r(text, " ", &save); sink; sink = strtok_r(NULL, " ", &save))
		json_object_array_add(sinks, json_object_new_string(sink));
	json_add_string(json, "source", link->source);
	json_object_object_add(json, "sinks", sinks);
	json_add_u64(json, "block_size", link->length);
	json_add_u64(json, "buffers", link->buffers);
	json_add_u64(json, "blocks", link->stats.blocks);
	json_add_u64(json, "bytes", link->stats.bytes);
	json_add_u64(json, "overruns", link->stats.overruns);
	json_add_u64(json, "dropped", link->stats.dropped);
	json_add_u64(json, "latency_ns", link->stats.blocks ?
		     link->stats.latency_ns_total / link->stats.blocks : 0);
	json_add_bool(json, "running", link->stats.running);
	json_add_string(json, "errno", link->stats.status ? strerrorname_np(-link->stats.status) : NULL);
	json_object_object_add(json, "pid", json_object_new_int(link->pid));
	json_add_string(json, "comm", link->comm);
	return json;
}

static void print_json_snapshot(const struct snapshot *now)
{
	struct json_object *json = json_object_new_object();
	struct json_object *ports = json_object_new_array();
	struct json_object *links = json_object_new_array();
	const struct cen_port_info *info;
	const struct cen_link_entry *link;

	for (size_t i = 0; (info = cen_port_list_get(now->ports, i)); i++)
		json_object_array_add(ports, json_from_port(info));
	for (size_t i = 0; (link = cen_link_list_get(now->links, i)); i++)
		json_object_array_add(links, json_from_link(link));
	json_object_object_add(json, "ports", ports);
	json_object_object_add(json, "links", links);
	json_add_u64(json, "buffers", now->buffers);
	json_add_u64(json, "buffer_bytes", now->bytes);
	json_add_u64(json, "hidden_processes", now->hidden);
	print_json(json);
}

/* A snapshot as text. */
static char *draw(const struct snapshot *now, const struct snapshot *before)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_snapshot(out, now, before);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int watch(const struct options *options)
{
	struct snapshot now = { 0 }, before = { 0 };
	char *text = NULL;
	int error = 0;

	flow_catch_signals();
	if (screen_open()) {
		warnx("nothing is known of terminal '%s'; --once needs none", getenv("TERM") ?: "");
		return EXIT_USAGE;
	}
	do {
		drop(&before);
		before = now;
		free(text);
		text = take(&now) ? NULL : draw(&now, &before);
		if (!text)
			error = errno;
	} while (text && screen_show(text, options->delay));
	screen_close();
	free(text);
	drop(&before);
	drop(&now);
	return error ? report_failure(error) : EXIT_OK;
}

/* Rates want two looks. */
static int once(const struct options *options)
{
	struct snapshot now = { 0 }, before = { 0 };
	int code = EXIT_OK;

	if (!options->json && !take(&before))
		poll(NULL, 0, (int)options->delay);
	if (take(&now))
		code = report_failure(errno);
	else if (options->json)
		print_json_snapshot(&now);
	else
		print_snapshot(stdout, &now, &before);
	drop(&before);
	drop(&now);
	return code;
}

int cenctl_top(int argc, char **argv)
{
	struct options options = { .delay = 1000 };

	parse_arguments(&argp, argc, argv, 0, &options);
	if (options.json || options.once || !isatty(STDOUT_FILENO))
		return once(&options);
	return watch(&options);
}
