// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Handing the rules to the kernel: a directory per device in configfs. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "rules.h"

/* The attributes of a rule's directory, as kernel/core/rules.c has them. */
static uint64_t limit_max_segs(const struct cen_limits *limits)
{
	return limits->max_segs;
}

static uint64_t limit_seg_size(const struct cen_limits *limits)
{
	return limits->seg_size;
}

static uint64_t limit_seg_boundary(const struct cen_limits *limits)
{
	return limits->seg_boundary;
}

static uint64_t limit_align(const struct cen_limits *limits)
{
	return limits->align;
}

static uint64_t limit_banks(const struct cen_limits *limits)
{
	return limits->banks;
}

static uint64_t limit_addr_max(const struct cen_limits *limits)
{
	return limits->addr_max;
}

static uint64_t limit_noncoherent(const struct cen_limits *limits)
{
	return !!(limits->flags & CEN_LIMIT_NONCOHERENT);
}

static const struct {
	const char *name;
	uint64_t (*get)(const struct cen_limits *limits);
} attributes[] = {
	{ "max_segments", limit_max_segs },
	{ "seg_size", limit_seg_size },
	{ "seg_boundary", limit_seg_boundary },
	{ "align", limit_align },
	{ "banks", limit_banks },
	{ "addr_max", limit_addr_max },
	{ "noncoherent", limit_noncoherent },
};

static int attribute_read(const char *dir, const char *name, uint64_t *value)
{
	char text[64];
	int error = cen_sysfs_read(dir, name, text, sizeof(text));

	if (!error)
		*value = strtoull(text, NULL, 0);
	return error;
}

static int attribute_write(const char *dir, const char *name, uint64_t value)
{
	char path[PATH_MAX], text[32];
	int error = 0, fd, len;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	len = snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)len) != len)
		error = errno ? -errno : -EIO;
	if (close(fd) && !error)
		error = -errno;
	return error;
}

static int limit_write(const char *dir, const struct cen_rule *rule, size_t index, uint64_t value)
{
	const char *name = attributes[index].name;
	int error = attribute_write(dir, name, value);

	return error ? cen_say(error, "%s: [%s]: the kernel refused %s = %" PRIu64 ": %s", rule->origin,
			       rule->name, name, value, strerror(-error)) : 0;
}

/*
 * Bring the directory to @rule. The kernel checks the rule after each write, so what will change
 * is lifted first: a step from one good rule to another must not pass through a bad one.
 */
static int rule_write(const char *dir, const struct cen_rule *rule)
{
	uint64_t now[CEN_ARRAY_SIZE(attributes)];
	int error = 0;

	for (size_t i = 0; i < CEN_ARRAY_SIZE(attributes); i++) {
		error = attribute_read(dir, attributes[i].name, &now[i]);
		if (error)
			return cen_say(error, "%s/%s: %s", dir, attributes[i].name, strerror(-error));
	}
	for (size_t i = 0; !error && i < CEN_ARRAY_SIZE(attributes); i++) {
		if (now[i] && now[i] != attributes[i].get(&rule->limits)) {
			error = limit_write(dir, rule, i, 0);
			now[i] = 0;
		}
	}
	for (size_t i = 0; !error && i < CEN_ARRAY_SIZE(attributes); i++) {
		uint64_t value = attributes[i].get(&rule->limits);

		if (now[i] != value)
			error = limit_write(dir, rule, i, value);
	}
	return error;
}

static int rule_apply(const char *configfs, const struct cen_rule *rule)
{
	char dir[PATH_MAX];
	bool made = true;
	int error;

	if (snprintf(dir, sizeof(dir), "%s/%s", configfs, rule->name) >= (int)sizeof(dir))
		return cen_say(-ENAMETOOLONG, "%s: name too long", rule->name);
	if (mkdir(dir, 0755)) {
		if (errno != EEXIST)
			return cen_say(-errno, "%s: [%s]: %s", rule->origin, rule->name,
				       strerror(errno));
		made = false;
	}
	error = rule_write(dir, rule);
	if (error && made)
		rmdir(dir);
	return error;
}

static bool rules_have(const struct cen_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (!strcmp(rules->items[i].name, name))
			return true;
	return false;
}

static int rules_prune(const struct cen_rules *rules, const char *configfs)
{
	DIR *dir = opendir(configfs);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return cen_say(-errno, "%s: %s", configfs, strerror(errno));
	while (!error && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || rules_have(rules, entry->d_name))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) && errno != ENOENT &&
		    errno != ENOTDIR)
			error = cen_say(-errno, "%s/%s: %s", configfs, entry->d_name,
					strerror(errno));
	}
	closedir(dir);
	return error;
}

CEN_API int cen_rules_apply(const struct cen_rules *rules, const char *configfs)
{
	int error = 0;

	if (!configfs)
		configfs = CEN_RULES_CONFIGFS;
	if (access(configfs, F_OK))
		return cen_ret(cen_say(-errno, "%s: %s: is cenalloc loaded, and configfs mounted?",
				       configfs, strerror(errno)));
	for (size_t i = 0; !error && i < rules->count; i++)
		error = rule_apply(configfs, &rules->items[i]);
	if (!error)
		error = rules_prune(rules, configfs);
	return cen_ret(error ? error : (int)rules->count);
}
