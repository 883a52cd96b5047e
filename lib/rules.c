// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The administrator's rules, read from /etc/cenalloc/devices.d.
 *
 * inih does the reading of "key = value". Lines are fed to it one by one, so that each
 * mistake can be told with its line; sections are kept from it, because it cuts
 * their names shorter than device names may be.
 */
#include <dirent.h>
#include <ini.h>
#include <limits.h>

#include "../kernel/solver/solver.h"
#include "internal.h"
#include "rules.h"

struct rules_reader {
	struct cen_rules *rules;
	FILE *file;
	const char *path;
	char *line;
	size_t line_room;
	unsigned int number;	/* of the line inih is at */
	int error;		/* -ENOMEM, or what reading said */
	/* the section being read */
	struct cen_rule section;
	unsigned int section_line;
	bool in_section;
	bool bad;		/* it has a mistake and is not added */
	bool empty;
	char keys[256];		/* " key key", those it had */
};

static void rules_problem(struct rules_reader *reader, unsigned int line, const char *fmt, ...)
	CEN_PRINTF(3, 4);

static void rules_problem(struct rules_reader *reader, unsigned int line, const char *fmt, ...)
{
	struct cen_rules *rules = reader->rules;
	char what[1024];
	char **problems, *text;
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);

	problems = realloc(rules->problems, (rules->problem_count + 1) * sizeof(*problems));
	if (problems)
		rules->problems = problems;
	if (!problems || asprintf(&text, "%s:%u: %s", reader->path, line, what) < 0) {
		reader->error = -ENOMEM;
		return;
	}
	rules->problems[rules->problem_count++] = text;
	reader->bad = true;
}

static struct cen_rule *rules_find(struct cen_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (!strcmp(rules->items[i].name, name))
			return &rules->items[i];
	return NULL;
}

static int rules_append(struct cen_rules *rules, const struct cen_rule *rule)
{
	struct cen_rule *items = realloc(rules->items, (rules->count + 1) * sizeof(*items));

	if (!items)
		return -ENOMEM;
	rules->items = items;
	items[rules->count] = *rule;
	items[rules->count].origin = strdup(rule->origin);
	if (!items[rules->count].origin)
		return -ENOMEM;
	rules->count++;
	return 0;
}

/* Two rules for one device: both count, unless nothing is left. */
static bool rules_merge(struct cen_rule *to, const struct cen_rule *by)
{
	struct cen_limits both = to->limits;

	if (cen_limits_tighten(&both, &by->limits))
		return false;
	to->limits = both;
	return true;
}

static void section_end(struct rules_reader *reader)
{
	struct cen_rule *earlier;

	if (!reader->in_section)
		return;
	reader->in_section = false;
	if (reader->empty && !reader->bad)
		rules_problem(reader, reader->section_line, "[%s] limits nothing; a line key = value is missing",
			      reader->section.name);
	if (!reader->bad && cen_limits_check(&reader->section.limits))
		rules_problem(reader, reader->section_line, "[%s]: its limits contradict each other",
			      reader->section.name);
	if (reader->bad)
		return;

	earlier = rules_find(reader->rules, reader->section.name);
	if (!earlier) {
		char origin[PATH_MAX + 16];

		snprintf(origin, sizeof(origin), "%s:%u", reader->path, reader->section_line);
		reader->section.origin = origin;
		if (rules_append(reader->rules, &reader->section))
			reader->error = -ENOMEM;
		reader->section.origin = NULL;
	} else if (!rules_merge(earlier, &reader->section)) {
		rules_problem(reader, reader->section_line, "[%s] has no bank in common with the rule at %s",
			      reader->section.name, earlier->origin);
	}
}

/* @text is what stands between the brackets. */
static void section_begin(struct rules_reader *reader, const char *text)
{
	static const char accepted[] = "[bus:name], for example [platform:vivid.0], is accepted";
	const char *colon = strchr(text, ':');

	section_end(reader);
	memset(&reader->section, 0, sizeof(reader->section));
	reader->section_line = reader->number;
	reader->in_section = true;
	reader->bad = false;
	reader->empty = true;
	reader->keys[0] = '\0';

	snprintf(reader->section.name, sizeof(reader->section.name), "%s", text);
	/* Any bus: a rule counts for devices that cannot be looked up, too, once they attach. */
	if (strlen(text) >= CEN_NAME_LEN)
		rules_problem(reader, reader->number, "[%s]: a device name has at most %d bytes",
			      text, CEN_NAME_LEN - 1);
	else if (!colon || colon == text || !colon[1] || strpbrk(text, "/ \t"))
		rules_problem(reader, reader->number, "[%s] is no device; %s", text, accepted);
}

/* A line that begins with '[', which @text follows. */
static void section_line(struct rules_reader *reader, const char *text)
{
	size_t len = strcspn(text, "]\r\n");
	char *name = strndup(text, len);

	if (!name) {
		reader->error = -ENOMEM;
		return;
	}
	section_begin(reader, name);
	if (text[len] != ']' && !reader->bad)
		rules_problem(reader, reader->number, "[%s: the bracket is not closed; [bus:name] is accepted",
			      name);
	free(name);
}

/*
 * One line for inih, in its room of @num bytes. Leading blanks go: to inih an indented line
 * would continue the value above it.
 */
static char *reader_line(char *to, int num, void *stream)
{
	struct rules_reader *reader = stream;
	const char *line;
	ssize_t len;

	errno = 0;
	len = getline(&reader->line, &reader->line_room, reader->file);
	if (len < 0) {
		if (ferror(reader->file) || errno == ENOMEM)
			reader->error = errno ? -errno : -EIO;
		return NULL;
	}
	reader->number++;
	if (strlen(reader->line) != (size_t)len) {
		rules_problem(reader, reader->number, "a NUL byte; this is no text");
		reader->line[0] = '\0';
	}
	line = reader->line + strspn(reader->line, " \t");
	if (*line == '[') {
		section_line(reader, line + 1);
		line = "\n";
	} else if (!strchr("#;\r\n", *line) && !strpbrk(line, "=:")) {
		rules_problem(reader, reader->number, "not understood; key = value, [bus:name] or a comment is accepted");
		line = "\n";
	}
	if (strlen(line) >= (size_t)num) {
		if (*line != '#' && *line != ';')
			rules_problem(reader, reader->number, "a line of %zu bytes; at most %d are accepted",
				      strlen(line), num - 1);
		line = "\n";
	}
	return memcpy(to, line, strlen(line) + 1);
}

static bool section_had(const struct rules_reader *reader, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = reader->keys; len && (at = strstr(at, key)); at += len)
		if (at[-1] == ' ' && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static int reader_key(void *user, const char *section, const char *key, const char *value)
{
	struct rules_reader *reader = user;
	size_t used = strlen(reader->keys);

	(void)section;
	if (!reader->in_section) {
		rules_problem(reader, reader->number, "'%s' stands before the first [bus:name]", key);
		return 1;
	}
	reader->empty = false;
	if (section_had(reader, key)) {
		rules_problem(reader, reader->number, "[%s]: %s is given twice",
			      reader->section.name, key);
		return 1;
	}
	if (cen_limits_set(&reader->section.limits, key, value))
		rules_problem(reader, reader->number, "[%s]: %s", reader->section.name, cen_error());
	else
		snprintf(reader->keys + used, sizeof(reader->keys) - used, " %s", key);
	return 1;
}

static int rules_read(struct cen_rules *rules, const char *path, FILE *file)
{
	struct rules_reader reader = { .rules = rules, .file = file, .path = path };
	size_t before = rules->problem_count;
	int line;

	line = ini_parse_stream(reader_line, &reader, reader_key, &reader);
	if (line > 0)
		rules_problem(&reader, (unsigned int)line, "not understood");
	else if (line < 0)
		reader.error = -ENOMEM;
	section_end(&reader);
	free(reader.line);
	if (reader.error)
		return cen_say(reader.error, "%s: %s", path, strerror(-reader.error));
	return (int)(rules->problem_count - before);
}

static int rules_load_file(struct cen_rules *rules, const char *path)
{
	FILE *file = fopen(path, "re");
	int ret;

	if (!file)
		return cen_say(-errno, "%s: %s", path, strerror(errno));
	ret = rules_read(rules, path, file);
	fclose(file);
	return ret;
}

CEN_API int cen_rules_load_file(struct cen_rules *rules, const char *path)
{
	return cen_ret(rules_load_file(rules, path));
}

static int is_rule_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".conf");
}

CEN_API int cen_rules_load_dir(struct cen_rules *rules, const char *path)
{
	struct dirent **entries;
	int problems = 0, count;

	if (!path)
		path = CEN_RULES_DIR;
	count = scandir(path, &entries, is_rule_file, alphasort);
	if (count < 0)
		return cen_ret(cen_say(-errno, "%s: %s", path, strerror(errno)));
	for (int i = 0; i < count; i++) {
		char file[PATH_MAX];

		if (problems >= 0) {
			int ret;

			snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
			ret = rules_load_file(rules, file);
			problems = ret < 0 ? ret : problems + ret;
		}
		free(entries[i]);
	}
	free(entries);
	return cen_ret(problems);
}

CEN_API struct cen_rules *cen_rules_new(void)
{
	struct cen_rules *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	return rules;
}

CEN_API void cen_rules_free(struct cen_rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->count; i++)
		free(rules->items[i].origin);
	for (size_t i = 0; i < rules->problem_count; i++)
		free(rules->problems[i]);
	free(rules->items);
	free(rules->problems);
	free(rules);
}

CEN_API size_t cen_rules_problem_count(const struct cen_rules *rules)
{
	return rules->problem_count;
}

CEN_API const char *cen_rules_problem(const struct cen_rules *rules, size_t index)
{
	return index < rules->problem_count ? rules->problems[index] : NULL;
}

CEN_API size_t cen_rules_count(const struct cen_rules *rules)
{
	return rules->count;
}

CEN_API const char *cen_rules_name(const struct cen_rules *rules, size_t index)
{
	return index < rules->count ? rules->items[index].name : NULL;
}

CEN_API const struct cen_limits *cen_rules_limits(const struct cen_rules *rules, size_t index)
{
	return index < rules->count ? &rules->items[index].limits : NULL;
}

CEN_API const char *cen_rules_origin(const struct cen_rules *rules, size_t index)
{
	return index < rules->count ? rules->items[index].origin : NULL;
}
