// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Explanations: asking for a plan or a refusal, and keeping what was answered. */
#include "internal.h"

static void explanation_destroy(struct cen_explanation *exp)
{
	for (uint32_t i = 0; i < exp->reason_count; i++) {
		if (exp->sentences)
			free(exp->sentences[i]);
		if (exp->helps)
			free(exp->helps[i]);
	}
	free(exp->sentences);
	free(exp->helps);
	free(exp->text);
	free(exp->reasons);
	free(exp->names);
	free(exp->sources);
	cen_heap_list_free(exp->heaps);
	free(exp);
}

CEN_API void cen_explanation_free(struct cen_explanation *exp)
{
	int saved = errno;

	if (exp)
		explanation_destroy(exp);
	errno = saved;
}

/* Ask until the answer fits: the buffer may get devices in between. */
static int explanation_ask(struct cen_explanation *exp, struct cen_ctx *ctx,
			   struct cen_buffer *buf, struct cen_explain *arg)
{
	uint32_t reason_room = 64, name_room = CEN_MAX_DEVICES;
	struct cen_explain asked;
	int error;

	for (;;) {
		void *reasons = realloc(exp->reasons, reason_room * sizeof(*exp->reasons));
		void *names;

		if (!reasons)
			return -ENOMEM;
		exp->reasons = reasons;
		names = realloc(exp->names, name_room * sizeof(*exp->names));
		if (!names)
			return -ENOMEM;
		exp->names = names;

		asked = *arg;
		asked.reasons = (uintptr_t)exp->reasons;
		asked.names = (uintptr_t)exp->names;
		asked.reasons_count = reason_room;
		asked.names_count = name_room;
		error = ctx->ops->explain(ctx, buf, &asked);
		if (error)
			return error;
		if (asked.reasons_count <= reason_room && asked.names_count <= name_room)
			break;
		if (asked.reasons_count > reason_room)
			reason_room = asked.reasons_count;
		if (asked.names_count > name_room)
			name_room = asked.names_count;
	}
	exp->error = -asked.error;
	exp->plan = asked.plan;
	exp->reason_count = asked.reasons_count;
	exp->name_count = asked.names_count;
	for (uint32_t i = 0; i < exp->name_count; i++)
		exp->names[i][CEN_NAME_LEN - 1] = '\0';
	return 0;
}

/* Who set the limits: whether a rule could be relaxed is part of the advice. */
static int explanation_sources(struct cen_explanation *exp, struct cen_ctx *ctx)
{
	exp->sources = calloc(exp->name_count ? exp->name_count : 1, sizeof(*exp->sources));
	if (!exp->sources)
		return -ENOMEM;
	for (uint32_t i = 0; i < exp->name_count; i++) {
		struct cen_device_info info = { .sources = 0 };

		memcpy(info.name, exp->names[i], sizeof(info.name));
		if (!ctx->ops->device_info(ctx, &info))
			exp->sources[i] = info.sources;
	}
	return 0;
}

static int explanation_fill(struct cen_explanation *exp, struct cen_ctx *ctx,
			    struct cen_buffer *buf, struct cen_explain *arg)
{
	int error = explanation_ask(exp, ctx, buf, arg);

	if (error)
		return error;
	exp->fallback = ctx->fallback;
	exp->heaps = cen_heap_list_new(ctx);
	if (!exp->heaps)
		return -errno;
	error = explanation_sources(exp, ctx);
	return error ? error : cen_explanation_write(exp);
}

static struct cen_explanation *explain(struct cen_ctx *ctx, struct cen_buffer *buf,
				       struct cen_explain *arg)
{
	struct cen_explanation *exp = calloc(1, sizeof(*exp));
	int error;

	if (!exp)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = explanation_fill(exp, ctx, buf, arg);
	if (error) {
		explanation_destroy(exp);
		return cen_ret_null(error);
	}
	return exp;
}

static void explain_set(struct cen_explain *arg, const struct cen_device_set *set)
{
	if (!set || !set->count)
		return;
	arg->devices = (uintptr_t)set->entries;
	arg->count = (uint32_t)set->count;
}

static void say_not_explained(struct cen_ctx *ctx, const struct cen_device_set *set, int error)
{
	int told = 0;

	if ((error == ENOENT || error == EINVAL) && set)
		told = cen_say_unknown_device(ctx, set->entries, set->count);
	if (told)
		return;
	switch (error) {
	case EINVAL:
		cen_say(0, "cannot explain: size 0, an alignment that is no power of two, or impossible limits");
		break;
	case ENOTTY:
		cen_say(0, "cannot explain: the buffer is not cenalloc's");
		break;
	case ENODATA:
		cen_say(0, "the buffer has refused nothing");
		break;
	default:
		cen_say(0, "cannot explain: %s", strerror(error));
	}
}

CEN_API struct cen_explanation *cen_ctx_explain(struct cen_ctx *ctx, uint64_t size,
						uint64_t align,
						const struct cen_device_set *set)
{
	struct cen_explain arg = { .size = size, .align = align };
	struct cen_explanation *exp;

	explain_set(&arg, set);
	exp = explain(ctx, NULL, &arg);
	if (!exp) {
		int error = errno;

		say_not_explained(ctx, set, error);
		errno = error;
	}
	return exp;
}

static struct cen_explanation *buffer_explain(struct cen_buffer *buf,
					      const struct cen_device_set *set, uint32_t flags)
{
	struct cen_explain arg = { .flags = flags };
	struct cen_explanation *exp = NULL;

	explain_set(&arg, set);
	if (buf->native || buf->fallback)
		exp = explain(buf->ctx, buf, &arg);
	else
		errno = ENOTTY;
	if (!exp) {
		int error = errno;

		say_not_explained(buf->ctx, set, error);
		errno = error;
	}
	return exp;
}

CEN_API struct cen_explanation *cen_buffer_explain(struct cen_buffer *buf,
						   const struct cen_device_set *set)
{
	return buffer_explain(buf, set, 0);
}

CEN_API struct cen_explanation *cen_buffer_explain_last(struct cen_buffer *buf)
{
	return buffer_explain(buf, NULL, CEN_EXPLAIN_LAST);
}

int cen_say_refusal(struct cen_ctx *ctx, struct cen_buffer *buf,
		    const struct cen_device_set *set, int error)
{
	struct cen_explain arg = { .flags = set ? 0 : CEN_EXPLAIN_LAST };
	struct cen_explanation *exp;

	explain_set(&arg, set);
	exp = explain(ctx, buf, &arg);
	if (exp && exp->error)
		cen_say(0, "%s", exp->text);
	cen_explanation_free(exp);
	return error;
}

CEN_API int cen_explanation_error(const struct cen_explanation *exp)
{
	return exp->error;
}

CEN_API const struct cen_plan *cen_explanation_plan(const struct cen_explanation *exp)
{
	return exp->error ? NULL : &exp->plan;
}

CEN_API const char *cen_explanation_heap(const struct cen_explanation *exp, uint32_t index)
{
	const struct cen_heap_info *info;

	if (index == CEN_NO_INDEX)
		return "any heap";
	for (size_t i = 0; (info = cen_heap_list_get(exp->heaps, i)); i++)
		if (info->index == index)
			return info->name;
	return "a heap that is gone";
}

CEN_API const char *cen_explanation_device(const struct cen_explanation *exp, uint32_t index)
{
	if (index == CEN_NO_INDEX)
		return "no device";
	return index < exp->name_count ? exp->names[index] : "a device that is gone";
}

CEN_API size_t cen_explanation_reason_count(const struct cen_explanation *exp)
{
	return exp->reason_count;
}

CEN_API const struct cen_reason *
cen_explanation_reason(const struct cen_explanation *exp, size_t index)
{
	return index < exp->reason_count ? &exp->reasons[index] : NULL;
}

CEN_API const char *cen_explanation_reason_text(const struct cen_explanation *exp, size_t index)
{
	return index < exp->reason_count ? exp->sentences[index] : NULL;
}

CEN_API const char *cen_explanation_reason_help(const struct cen_explanation *exp, size_t index)
{
	return index < exp->reason_count ? exp->helps[index] : NULL;
}

CEN_API const char *cen_explanation_text(const struct cen_explanation *exp)
{
	return exp->text;
}
