// SPDX-License-Identifier: GPL-2.0
/* Plain structs as JSON. A limit that is not there has no key. */
#include <string.h>

#include "cenctl.h"

void json_add_string(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, value ? json_object_new_string(value) : NULL);
}

void json_add_u64(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

void json_add_bool(struct json_object *to, const char *key, bool value)
{
	json_object_object_add(to, key, json_object_new_boolean(value));
}

struct json_object *json_from_banks(uint64_t banks)
{
	struct json_object *list = json_object_new_array();

	for (int bank = 0; bank < 64; bank++)
		if (banks & (1ULL << bank))
			json_object_array_add(list, json_object_new_int(bank));
	return list;
}

static unsigned int bits_of(uint64_t value)
{
	unsigned int bits = 0;

	for (; value; value >>= 1)
		bits++;
	return bits;
}

struct json_object *json_from_limits(const struct cen_limits *limits)
{
	struct json_object *json = json_object_new_object();

	if (limits->addr_max)
		json_add_u64(json, "address_bits", bits_of(limits->addr_max));
	if (limits->max_segs)
		json_add_u64(json, "max_segments", limits->max_segs);
	if (limits->seg_size)
		json_add_u64(json, "segment_size", limits->seg_size);
	if (limits->seg_boundary && limits->seg_boundary != UINT64_MAX)
		json_add_u64(json, "segment_boundary", limits->seg_boundary + 1);
	if (limits->align)
		json_add_u64(json, "alignment", limits->align);
	if (limits->banks)
		json_object_object_add(json, "banks", json_from_banks(limits->banks));
	json_add_bool(json, "non_coherent", limits->flags & CEN_LIMIT_NONCOHERENT);
	json_add_bool(json, "iommu", limits->flags & CEN_LIMIT_IOMMU);
	return json;
}

struct json_object *json_from_plan(const struct cen_plan *plan, const char *heap)
{
	struct json_object *json = json_object_new_object();

	json_add_string(json, "heap", heap);
	json_add_u64(json, "heap_index", plan->heap);
	json_add_u64(json, "chunk", plan->chunk);
	json_add_u64(json, "alignment", plan->align);
	json_add_u64(json, "address_bits", plan->addr_bits);
	json_add_u64(json, "max_segments", plan->max_segs);
	json_add_bool(json, "contiguous", plan->flags & CEN_PLAN_CONTIGUOUS);
	json_add_bool(json, "sync", plan->flags & CEN_PLAN_SYNC);
	json_add_string(json, "cache", plan->cache_mode == CEN_CACHE_WRITECOMBINE ?
			"write-combined" : "cached");
	return json;
}

static const char *reason_name(uint32_t code)
{
	static const char * const names[] = {
		[CEN_WHY_NONE] = "none",
		[CEN_WHY_ADDR] = "address",
		[CEN_WHY_WINDOW] = "window",
		[CEN_WHY_CONTIG] = "contiguity",
		[CEN_WHY_SEGS] = "segments",
		[CEN_WHY_SEG_SIZE] = "segment-size",
		[CEN_WHY_ALIGN] = "alignment",
		[CEN_WHY_BANK] = "bank",
		[CEN_WHY_SIZE] = "size",
		[CEN_WHY_IOVA] = "iova",
		[CEN_WHY_INVALID] = "invalid",
		[CEN_WHY_BOUNCE] = "bounce",
		[CEN_WHY_MAPPED] = "mapped",
		[CEN_WHY_HEAP_FLAGS] = "heap-flags",
		[CEN_WHY_DISABLED] = "disabled",
		[CEN_WHY_MEMORY] = "memory",
		[CEN_WHY_PIECE] = "piece",
	};

	return code < ARRAY_SIZE(names) && names[code] ? names[code] : "unknown";
}

static struct json_object *json_from_reason(const struct cen_explanation *exp, size_t index)
{
	const struct cen_reason *reason = cen_explanation_reason(exp, index);
	struct json_object *json = json_object_new_object();

	json_add_string(json, "limit", reason_name(reason->code));
	json_add_string(json, "device", reason->device == CEN_NO_INDEX ? NULL :
			cen_explanation_device(exp, reason->device));
	json_add_string(json, "other", reason->other == CEN_NO_INDEX ? NULL :
			cen_explanation_device(exp, reason->other));
	json_add_string(json, "heap", reason->heap == CEN_NO_INDEX ? NULL :
			cen_explanation_heap(exp, reason->heap));
	json_add_u64(json, "wanted", reason->wanted);
	json_add_u64(json, "offered", reason->offered);
	json_add_string(json, "text", cen_explanation_reason_text(exp, index));
	json_add_string(json, "help", cen_explanation_reason_help(exp, index));
	return json;
}

struct json_object *json_from_explanation(const struct cen_explanation *exp)
{
	struct json_object *json = json_object_new_object();
	struct json_object *reasons = json_object_new_array();
	const struct cen_plan *plan = cen_explanation_plan(exp);
	int error = cen_explanation_error(exp);

	json_add_string(json, "verdict", error ? "refusal" : "plan");
	json_add_string(json, "errno", error ? strerrorname_np(error) : NULL);
	json_object_object_add(json, "plan", plan ?
			       json_from_plan(plan, cen_explanation_heap(exp, plan->heap)) : NULL);
	for (size_t i = 0; i < cen_explanation_reason_count(exp); i++)
		json_object_array_add(reasons, json_from_reason(exp, i));
	json_object_object_add(json, "reasons", reasons);
	return json;
}
