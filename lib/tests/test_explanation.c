// SPDX-License-Identifier: GPL-2.0
/* Reasons as sentences, against a backend that answers what it is told to. */
#include "support.h"

/* What the backend answers. */
static struct {
	int error;
	struct cen_plan plan;
	struct cen_reason reasons[100];
	uint32_t reason_count;
	int asked;
} answer;

static int fake_heap_info(struct cen_ctx *ctx, struct cen_heap_info *info)
{
	static const char * const names[] = { "system", "contiguous" };
	uint32_t index = info->index;

	(void)ctx;
	if (index >= CEN_ARRAY_SIZE(names))
		return -ENOENT;
	memset(info, 0, sizeof(*info));
	info->index = index;
	snprintf(info->name, sizeof(info->name), "%s", names[index]);
	return 0;
}

static int fake_device_info(struct cen_ctx *ctx, struct cen_device_info *info)
{
	(void)ctx;
	if (strcmp(info->name, "platform:ruled") != 0)
		return -ENOENT;
	info->sources = CEN_FROM_ADMIN;
	return 0;
}

static int fake_explain(struct cen_ctx *ctx, struct cen_buffer *buf, struct cen_explain *arg)
{
	static const char names[2][CEN_NAME_LEN] = { "platform:cam", "platform:ruled" };

	(void)ctx;
	(void)buf;
	answer.asked++;
	arg->error = answer.error;
	arg->plan = answer.plan;
	for (uint32_t i = 0; i < answer.reason_count && i < arg->reasons_count; i++)
		((struct cen_reason *)(uintptr_t)arg->reasons)[i] = answer.reasons[i];
	arg->reasons_count = answer.reason_count;
	assert_true(arg->names_count >= 2);
	memcpy((void *)(uintptr_t)arg->names, names, sizeof(names));
	arg->names_count = 2;
	return 0;
}

static const struct cen_backend_ops fake_ops = {
	.heap_info = fake_heap_info,
	.device_info = fake_device_info,
	.explain = fake_explain,
};
static struct cen_ctx fake_ctx = { .ops = &fake_ops, .fd = -1 };

static struct cen_explanation *explain_reason(uint32_t code, uint32_t device, uint32_t other,
					      uint32_t heap, uint64_t wanted, uint64_t offered)
{
	struct cen_explanation *exp;

	memset(&answer, 0, sizeof(answer));
	answer.error = -ENODEV;
	answer.reason_count = 1;
	answer.reasons[0] = (struct cen_reason){ code, device, other, heap, wanted, offered };
	exp = cen_ctx_explain(&fake_ctx, MIB, 0, NULL);
	assert_non_null(exp);
	return exp;
}

static void reason_says(uint32_t code, uint32_t device, uint32_t other, uint32_t heap,
			uint64_t wanted, uint64_t offered, const char *expected)
{
	struct cen_explanation *exp = explain_reason(code, device, other, heap, wanted, offered);

	assert_string_equal(cen_explanation_reason_text(exp, 0), expected);
	assert_contains(cen_explanation_text(exp), expected);
	assert_contains(cen_explanation_text(exp), "refused (ENODEV)");
	cen_explanation_free(exp);
}

static void every_reason_is_a_sentence(void **state)
{
	const uint32_t none = CEN_NO_INDEX;

	(void)state;
	reason_says(CEN_WHY_ADDR, 0, none, 0, 28, 33,
		    "heap system: platform:cam reaches addresses of 28 bits, this memory needs at least 33 bits");
	reason_says(CEN_WHY_WINDOW, 0, 1, none, 28, 33,
		    "platform:cam reaches addresses of 28 bits, platform:ruled only memory that needs 33 bits: they share no address");
	reason_says(CEN_WHY_CONTIG, 1, none, 0, 8 * MIB, 4 * MIB,
		    "heap system: platform:ruled needs 8 MiB in one piece, this heap gives pieces of at most 4 MiB");
	reason_says(CEN_WHY_SEGS, 0, none, none, MIB, 256 * KIB,
		    "the buffer has 1 MiB, all segments of platform:cam together hold 256 KiB");
	reason_says(CEN_WHY_SEG_SIZE, 0, none, none, 4096, 512,
		    "platform:cam can use segments of 512 bytes after its boundary and alignment, at least 4 KiB is needed");
	reason_says(CEN_WHY_ALIGN, none, none, 1, MIB, 4096,
		    "heap contiguous: the request itself needs an alignment of 1 MiB, offered is 4 KiB");
	reason_says(CEN_WHY_BANK, 0, none, 1, 6, 0,
		    "heap contiguous: platform:cam needs memory in banks 1, 2, this heap lies in no bank");
	reason_says(CEN_WHY_BANK, 0, 1, none, 1, 1ULL << 63,
		    "platform:cam needs memory in bank 0, platform:ruled in bank 63");
	reason_says(CEN_WHY_SIZE, none, none, 0, GIB, MIB,
		    "heap system: the buffer has 1 GiB, all of it holds 1 MiB");
	reason_says(CEN_WHY_SIZE, 0, none, 0, GIB, MIB,
		    "heap system: the buffer has 1 GiB, the part of it that platform:cam reaches holds 1 MiB");
	reason_says(CEN_WHY_IOVA, 0, none, none, GIB, MIB,
		    "the buffer has 1 GiB, the IOMMU window of platform:cam holds 1 MiB");
	reason_says(CEN_WHY_INVALID, 0, none, none, 0, 0,
		    "the limits of platform:cam contradict themselves: it reaches no memory at all");
	reason_says(CEN_WHY_BOUNCE, 0, none, none, 32, 33,
		    "platform:cam reaches addresses of 32 bits, the buffer's memory needs 33: only a bounce buffer, that is a copy, could serve it");
	reason_says(CEN_WHY_MAPPED, none, none, 0, 0, 1,
		    "heap system: the buffer would have to move, but 1 map holds it in place");
	reason_says(CEN_WHY_MAPPED, none, none, none, 0, 2,
		    "the buffer would have to move, but 2 maps hold it in place");
	reason_says(CEN_WHY_HEAP_FLAGS, none, none, 0, 0, 0,
		    "heap system: the caller asked for another heap");
	reason_says(CEN_WHY_DISABLED, none, none, 0, 0, ENXIO,
		    "heap system: not usable now: No such device or address");
	reason_says(CEN_WHY_MEMORY, none, none, 0, MIB, 0,
		    "heap system: the buffer has 1 MiB, so much cannot be had now");
	reason_says(CEN_WHY_MEMORY, none, none, 1, GIB, MIB,
		    "heap contiguous: the buffer has 1 GiB, no more than 1 MiB can be had now");
	reason_says(CEN_WHY_PIECE, none, none, 1, 64 * MIB, 0,
		    "heap contiguous: 64 MiB in one piece cannot be had now");
	reason_says(CEN_WHY_PIECE, none, none, 1, 64 * MIB, 37 * MIB,
		    "heap contiguous: 64 MiB in one piece cannot be had now, the longest that is free or can be made free has 37 MiB");
	reason_says(CEN_WHY_PIECE, none, none, 1, 64 * MIB, 64 * MIB,
		    "heap contiguous: 64 MiB in one piece cannot be had now, something in each place long enough does not move");
	/* a kernel may know more than this library */
	reason_says(999, 7, none, 9, 1, 2,
		    "heap a heap that is gone: limit 999 of a device that is gone: wanted 1, offered 2 (newer than this libcen)");
}

static void rules_can_be_relaxed(void **state)
{
	struct cen_explanation *exp;

	(void)state;
	exp = explain_reason(CEN_WHY_CONTIG, 1, CEN_NO_INDEX, 0, 8 * MIB, 4 * MIB);
	assert_contains(cen_explanation_reason_help(exp, 0),
			"if platform:ruled can do more than its rule says, relax max-segments");
	assert_contains(cen_explanation_text(exp), "what would help:\n");
	cen_explanation_free(exp);

	exp = explain_reason(CEN_WHY_CONTIG, 0, CEN_NO_INDEX, 0, 8 * MIB, 4 * MIB);
	assert_null(strstr(cen_explanation_reason_help(exp, 0), "relax"));
	cen_explanation_free(exp);

	exp = explain_reason(CEN_WHY_DISABLED, CEN_NO_INDEX, CEN_NO_INDEX, 0, 0, ENXIO);
	assert_null(cen_explanation_reason_help(exp, 0));
	assert_null(strstr(cen_explanation_text(exp), "help"));
	cen_explanation_free(exp);
}

static void help_is_said_once(void **state)
{
	struct cen_explanation *exp;
	const char *first;

	(void)state;
	memset(&answer, 0, sizeof(answer));
	answer.error = -ENODEV;
	answer.reason_count = 2;
	answer.reasons[0] = (struct cen_reason){ CEN_WHY_ADDR, 0, CEN_NO_INDEX, 0, 28, 33 };
	answer.reasons[1] = (struct cen_reason){ CEN_WHY_ADDR, 0, CEN_NO_INDEX, 1, 28, 33 };
	exp = cen_ctx_explain(&fake_ctx, MIB, 0, NULL);
	assert_non_null(exp);
	first = strstr(cen_explanation_text(exp), "reserve memory");
	assert_non_null(first);
	assert_null(strstr(first + 1, "reserve memory"));
	cen_explanation_free(exp);
}

static void room_grows_until_all_reasons_fit(void **state)
{
	struct cen_explanation *exp;

	(void)state;
	memset(&answer, 0, sizeof(answer));
	answer.error = -EINVAL;
	answer.reason_count = CEN_ARRAY_SIZE(answer.reasons);
	for (uint32_t i = 0; i < answer.reason_count; i++)
		answer.reasons[i] = (struct cen_reason){ CEN_WHY_SIZE, CEN_NO_INDEX, CEN_NO_INDEX,
							 0, i + 1, 0 };
	exp = cen_ctx_explain(&fake_ctx, MIB, 0, NULL);
	assert_non_null(exp);
	assert_int_equal(answer.asked, 2);
	assert_int_equal(cen_explanation_error(exp), EINVAL);
	assert_null(cen_explanation_plan(exp));
	assert_int_equal(cen_explanation_reason_count(exp), CEN_ARRAY_SIZE(answer.reasons));
	assert_int_equal(cen_explanation_reason(exp, 99)->wanted, 100);
	assert_null(cen_explanation_reason(exp, 100));
	assert_null(cen_explanation_reason_text(exp, 100));
	assert_null(cen_explanation_reason_help(exp, 100));
	cen_explanation_free(exp);
}

static void a_plan_is_told(void **state)
{
	struct cen_explanation *exp;

	(void)state;
	memset(&answer, 0, sizeof(answer));
	answer.plan = (struct cen_plan){
		.chunk = 8 * MIB, .align = 64 * KIB, .heap = 1, .addr_bits = 28, .max_segs = 1,
		.flags = CEN_PLAN_CONTIGUOUS | CEN_PLAN_SYNC, .heaps = 3,
	};
	exp = cen_ctx_explain(&fake_ctx, 8 * MIB, 0, NULL);
	assert_non_null(exp);
	assert_int_equal(cen_explanation_error(exp), 0);
	assert_int_equal(cen_explanation_plan(exp)->heap, 1);
	assert_string_equal(cen_explanation_text(exp),
			    "plan: heap contiguous\n"
			    "  memory               one piece of 8 MiB, aligned to 64 KiB\n"
			    "  addresses            at most 28 bits\n"
			    "  segments             at most 1\n"
			    "  cache                cached, maintained around the transfers of non-coherent devices\n"
			    "  would do as well     system\n");
	assert_string_equal(cen_explanation_heap(exp, CEN_NO_INDEX), "any heap");
	assert_string_equal(cen_explanation_device(exp, CEN_NO_INDEX), "no device");
	cen_explanation_free(exp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_is_a_sentence),
		cmocka_unit_test(rules_can_be_relaxed),
		cmocka_unit_test(help_is_said_once),
		cmocka_unit_test(room_grows_until_all_reasons_fit),
		cmocka_unit_test(a_plan_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
