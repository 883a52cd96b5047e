// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A set of devices, in the form the kernel takes them. */
#include "../kernel/solver/solver.h"
#include "internal.h"

CEN_API struct cen_device_set *cen_device_set_new(void)
{
	struct cen_device_set *set = calloc(1, sizeof(*set));

	if (!set)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	return set;
}

CEN_API void cen_device_set_free(struct cen_device_set *set)
{
	free(set);
}

CEN_API size_t cen_device_set_count(const struct cen_device_set *set)
{
	return set->count;
}

CEN_API const struct cen_device *cen_device_set_get(const struct cen_device_set *set,
						    size_t index)
{
	return index < set->count ? &set->entries[index] : NULL;
}

static bool limits_say_something(const struct cen_limits *limits)
{
	static const struct cen_limits none;

	return memcmp(limits, &none, sizeof(none)) != 0;
}

static struct cen_device *set_find(struct cen_device_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->entries[i].name, name))
			return &set->entries[i];
	return NULL;
}

/* Two nodes may lead to one device: then both limits count. */
static int set_tighten(struct cen_device *entry, const struct cen_limits *limits,
		       uint32_t flags)
{
	if ((entry->flags ^ flags) & CEN_DEVICE_ANONYMOUS)
		return cen_say(-EINVAL, "'%s' names a device and mere limits at once", entry->name);
	if (!limits)
		return 0;
	if (cen_limits_tighten(&entry->limits, limits))
		return cen_say(-EINVAL, "%s is named twice, with banks that have none in common",
			       entry->name);
	entry->flags |= flags;
	return 0;
}

static int set_append(struct cen_device_set *set, const char *name,
		      const struct cen_limits *limits, uint32_t flags)
{
	struct cen_device *entry;

	if (strlen(name) >= CEN_NAME_LEN)
		return cen_say(-ENAMETOOLONG, "%s: a device name has at most %d bytes", name,
			       CEN_NAME_LEN - 1);
	if (!*name)
		return cen_say(-EINVAL, "a device needs a name");
	if (limits && cen_limits_check(limits))
		return cen_say(-EINVAL, "%s: its limits contradict each other", name);
	entry = set_find(set, name);
	if (entry)
		return set_tighten(entry, limits, flags);
	if (set->count == CEN_MAX_DEVICES)
		return cen_say(-E2BIG, "%s: a buffer has at most %d devices", name, CEN_MAX_DEVICES);

	entry = &set->entries[set->count];
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->name, name, strlen(name));
	if (limits)
		entry->limits = *limits;
	entry->flags = flags;
	set->count++;
	return 0;
}

static int set_add_name(struct cen_device_set *set, const char *name,
			const struct cen_limits *limits)
{
	const char *colon = strchr(name, ':');
	char bus[CEN_NAME_LEN];

	if (!colon || colon == name || !colon[1])
		return cen_say(-EINVAL,
			       "'%s' is no device: bus:name (pci:0000:00:04.0, platform:vivid.0), a device node (/dev/video0) or limits:name,key=value is accepted",
			       name);
	snprintf(bus, sizeof(bus), "%.*s", (int)(colon - name), name);
	if (!cen_bus_known(bus))
		return cen_say(-EINVAL, "'%s': unknown bus '%s'; see cenctl devices", name, bus);
	/* An empty limit would only cost the kernel a merge. */
	if (limits && !limits_say_something(limits))
		limits = NULL;
	return set_append(set, name, limits, limits ? CEN_DEVICE_LIMITS : 0);
}

CEN_API int cen_device_set_add_name(struct cen_device_set *set, const char *name,
				    const struct cen_limits *limits)
{
	return cen_ret(set_add_name(set, name, limits));
}

static int set_add_node(struct cen_device_set *set, const char *path,
			const struct cen_limits *limits)
{
	char name[CEN_NAME_LEN];
	int error = cen_node_resolve(&cen_roots_default, path, name);

	return error ? error : set_add_name(set, name, limits);
}

CEN_API int cen_device_set_add_node(struct cen_device_set *set, const char *path,
				    const struct cen_limits *limits)
{
	return cen_ret(set_add_node(set, path, limits));
}

CEN_API int cen_device_set_add_limits(struct cen_device_set *set, const char *name,
				      const struct cen_limits *limits)
{
	return cen_ret(set_append(set, name, limits, CEN_DEVICE_ANONYMOUS));
}

static int set_add_spec(struct cen_device_set *set, char *spec)
{
	static const char anonymous[] = "limits:";
	struct cen_limits limits = { 0 };
	char *keys = strchr(spec, ',');

	if (keys) {
		*keys++ = '\0';
		if (cen_limits_parse(&limits, keys)) {
			char why[512];

			snprintf(why, sizeof(why), "%s", cen_error());
			return cen_say(-errno, "%s: %s", spec, why);
		}
	}
	if (!strncmp(spec, anonymous, strlen(anonymous)))
		return set_append(set, spec + strlen(anonymous), &limits, CEN_DEVICE_ANONYMOUS);
	if (*spec == '/')
		return set_add_node(set, spec, &limits);
	return set_add_name(set, spec, &limits);
}

CEN_API int cen_device_set_add(struct cen_device_set *set, const char *spec)
{
	char *copy = strdup(spec);
	int error;

	if (!copy)
		return cen_ret(cen_say(-ENOMEM, "out of memory"));
	error = set_add_spec(set, copy);
	free(copy);
	return cen_ret(error);
}
