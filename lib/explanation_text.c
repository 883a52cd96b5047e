// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Plans and refusals as sentences: which limit of which device, wanted against offered. */

#include "internal.h"

#define RULES_HINT	"/etc/cenalloc/devices.d"
#define BANKS_HINT	"module parameter banks="

/* A size in a buffer of its own, so that one statement may hold several. */
struct size_text {
	char text[32];
};

static struct size_text bytes(uint64_t size)
{
	struct size_text out = { "" };

	cen_size_format(size, out.text, sizeof(out.text));
	return out;
}

static void write_banks(FILE *to, uint64_t banks)
{
	const char *sep = "";

	if (!banks) {
		fputs("no bank", to);
		return;
	}
	if (banks == UINT64_MAX) {
		fputs("any bank", to);
		return;
	}
	fputs(banks & (banks - 1) ? "banks " : "bank ", to);
	for (unsigned int bank = 0; bank < 64; bank++) {
		if (!(banks & (1ULL << bank)))
			continue;
		fprintf(to, "%s%u", sep, bank);
		sep = ", ";
	}
}

/* Whose wish it was: a device, or the caller's own size and alignment. */
static const char *who(const struct cen_explanation *exp, uint32_t device)
{
	return device == CEN_NO_INDEX ? "the request itself" : cen_explanation_device(exp, device);
}

static void write_window(FILE *to, const struct cen_explanation *exp,
			 const struct cen_reason *r)
{
	if (r->other != CEN_NO_INDEX)
		fprintf(to, "%s reaches addresses of %llu bits, %s only memory that needs %llu bits: they share no address",
			who(exp, r->device), r->wanted, who(exp, r->other), r->offered);
	else
		fprintf(to, "no memory lies in the address window of %s (it reaches %llu bits, the memory needs %llu)",
			who(exp, r->device), r->wanted, r->offered);
}

static void write_bank(FILE *to, const struct cen_explanation *exp, const struct cen_reason *r)
{
	fprintf(to, "%s needs memory in ", who(exp, r->device));
	write_banks(to, r->wanted);
	if (r->other != CEN_NO_INDEX)
		fprintf(to, ", %s in ", who(exp, r->other));
	else
		fputs(", this heap lies in ", to);
	write_banks(to, r->offered);
}

static void write_memory(FILE *to, const struct cen_reason *r)
{
	fprintf(to, "the buffer has %s, ", bytes(r->wanted).text);
	if (r->offered)
		fprintf(to, "no more than %s can be had now", bytes(r->offered).text);
	else
		fputs("so much cannot be had now", to);
}

static void write_piece(FILE *to, const struct cen_reason *r)
{
	fprintf(to, "%s in one piece cannot be had now", bytes(r->wanted).text);
	if (r->offered >= r->wanted)
		fputs(", something in each place long enough does not move", to);
	else if (r->offered)
		fprintf(to, ", the longest that is free or can be made free has %s",
			bytes(r->offered).text);
}

static void write_reason(FILE *to, const struct cen_explanation *exp,
			 const struct cen_reason *r)
{
	const char *dev = who(exp, r->device);

	if (r->heap != CEN_NO_INDEX)
		fprintf(to, "heap %s: ", cen_explanation_heap(exp, r->heap));

	switch (r->code) {
	case CEN_WHY_ADDR:
		fprintf(to, "%s reaches addresses of %llu bits, this memory needs at least %llu bits",
			dev, r->wanted, r->offered);
		break;
	case CEN_WHY_WINDOW:
		write_window(to, exp, r);
		break;
	case CEN_WHY_CONTIG:
		fprintf(to, "%s needs %s in one piece, %s gives pieces of at most %s", dev,
			bytes(r->wanted).text, r->heap == CEN_NO_INDEX ? "no heap" : "this heap",
			bytes(r->offered).text);
		break;
	case CEN_WHY_SEGS:
		fprintf(to, "the buffer has %s, all segments of %s together hold %s",
			bytes(r->wanted).text, dev, bytes(r->offered).text);
		break;
	case CEN_WHY_SEG_SIZE:
		fprintf(to, "%s can use segments of %s after its boundary and alignment, at least %s is needed",
			dev, bytes(r->offered).text, bytes(r->wanted).text);
		break;
	case CEN_WHY_ALIGN:
		fprintf(to, "%s needs an alignment of %s, offered is %s", dev,
			bytes(r->wanted).text, bytes(r->offered).text);
		break;
	case CEN_WHY_BANK:
		write_bank(to, exp, r);
		break;
	case CEN_WHY_SIZE:
		fprintf(to, "the buffer has %s, ", bytes(r->wanted).text);
		if (r->device != CEN_NO_INDEX)
			fprintf(to, "the part of it that %s reaches holds %s", dev,
				bytes(r->offered).text);
		else
			fprintf(to, "all of it holds %s", bytes(r->offered).text);
		break;
	case CEN_WHY_IOVA:
		fprintf(to, "the buffer has %s, the IOMMU window of %s holds %s",
			bytes(r->wanted).text, dev, bytes(r->offered).text);
		break;
	case CEN_WHY_INVALID:
		fprintf(to, "the limits of %s contradict themselves: it reaches no memory at all",
			dev);
		break;
	case CEN_WHY_BOUNCE:
		fprintf(to, "%s reaches addresses of %llu bits, the buffer's memory needs %llu: only a bounce buffer, that is a copy, could serve it",
			dev, r->wanted, r->offered);
		break;
	case CEN_WHY_MAPPED:
		fprintf(to, "the buffer would have to move, but %llu %s it in place", r->offered,
			r->offered == 1 ? "map holds" : "maps hold");
		break;
	case CEN_WHY_HEAP_FLAGS:
		fputs("the caller asked for another heap", to);
		break;
	case CEN_WHY_DISABLED:
		fprintf(to, "not usable now: %s", strerror((int)r->offered));
		break;
	case CEN_WHY_MEMORY:
		write_memory(to, r);
		break;
	case CEN_WHY_PIECE:
		write_piece(to, r);
		break;
	default:
		fprintf(to, "limit %u of %s: wanted %llu, offered %llu (newer than this libcen)",
			r->code, dev, r->wanted, r->offered);
	}
}

/* Is the limit an administrator's, who may have been too careful? */
static bool ruled(const struct cen_explanation *exp, uint32_t device)
{
	return device < exp->name_count && exp->sources[device] & CEN_FROM_ADMIN;
}

static void write_rule_help(FILE *to, const struct cen_explanation *exp, uint32_t device,
			    const char *keys)
{
	if (ruled(exp, device))
		fprintf(to, "if %s can do more than its rule says, relax %s in " RULES_HINT
			" and run cenctl apply", cen_explanation_device(exp, device), keys);
}

static void write_or(FILE *to)
{
	if (ftell(to) > 0)
		fputs("; or ", to);
}

static void write_help(FILE *to, const struct cen_explanation *exp, const struct cen_reason *r)
{
	switch (r->code) {
	case CEN_WHY_ADDR:
	case CEN_WHY_WINDOW:
	case CEN_WHY_BOUNCE:
		write_rule_help(to, exp, r->device, "address-bits");
		if (ruled(exp, r->other))
			write_or(to);
		write_rule_help(to, exp, r->other, "address-bits");
		if (r->other != CEN_NO_INDEX)
			break;
		write_or(to);
		if (exp->fallback)
			fputs("load the module cenalloc, which chooses memory by its address", to);
		else if (r->code == CEN_WHY_BOUNCE)
			fputs("declare the device before the first attach or commit", to);
		else
			fprintf(to, "reserve memory within %llu bits as a bank heap (" BANKS_HINT "), or put %s behind an IOMMU",
				r->wanted, who(exp, r->device));
		break;
	case CEN_WHY_CONTIG:
		write_rule_help(to, exp, r->device, "max-segments");
		write_or(to);
		if (exp->fallback)
			fputs("load the module cenalloc; or ", to);
		fprintf(to, "boot a kernel that has CMA with cma= of more than %s",
			bytes(r->wanted).text);
		if (!exp->fallback)
			fputs(", or reserve memory of that size as a bank heap (" BANKS_HINT ")", to);
		break;
	case CEN_WHY_SEGS:
	case CEN_WHY_SEG_SIZE:
		write_rule_help(to, exp, r->device, "max-segments, segment-size or segment-boundary");
		if (r->code == CEN_WHY_SEG_SIZE)
			break;
		write_or(to);
		fputs("use several smaller buffers", to);
		break;
	case CEN_WHY_ALIGN:
		write_rule_help(to, exp, r->device, "alignment");
		break;
	case CEN_WHY_BANK:
		write_rule_help(to, exp, r->device, "banks");
		if (r->other == CEN_NO_INDEX) {
			write_or(to);
			fputs("load the module cenalloc with a heap in ", to);
			write_banks(to, r->wanted);
			fputs(" (" BANKS_HINT ")", to);
		}
		break;
	case CEN_WHY_SIZE:
	case CEN_WHY_IOVA:
		write_rule_help(to, exp, r->device, "address-bits");
		write_or(to);
		fputs("use several smaller buffers", to);
		break;
	case CEN_WHY_INVALID:
		write_rule_help(to, exp, r->device, "its limits");
		break;
	case CEN_WHY_MAPPED:
		fputs("declare the device before the first attach or commit, or detach the others first",
		      to);
		break;
	case CEN_WHY_HEAP_FLAGS:
		fputs("allow more heaps, or any", to);
		break;
	case CEN_WHY_MEMORY:
		fputs("close buffers that are not needed any more (cenctl buffers lists them), or use smaller ones",
		      to);
		break;
	case CEN_WHY_PIECE:
		if (r->offered >= r->wanted)
			fputs("try again in a moment; or ", to);
		fputs("allocate earlier, before memory is in pieces; boot a kernel that has CMA with a larger cma=; or reserve memory as a bank heap ("
		      BANKS_HINT ")", to);
		break;
	default:
		break;
	}
}

static char *make_text(const struct cen_explanation *exp, const struct cen_reason *r,
		       void (*write)(FILE *to, const struct cen_explanation *exp,
				     const struct cen_reason *r))
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	write(to, exp, r);
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}

static void write_other_heaps(FILE *to, const struct cen_explanation *exp)
{
	const struct cen_heap_info *info;
	const char *sep = "  would do as well     ";

	for (size_t i = 0; (info = cen_heap_list_get(exp->heaps, i)); i++) {
		if (info->index == exp->plan.heap || !(exp->plan.heaps & (1U << info->index)))
			continue;
		fprintf(to, "%s%s", sep, info->name);
		sep = ", ";
	}
	if (*sep == ',')
		fputc('\n', to);
}

static void write_plan(FILE *to, const struct cen_explanation *exp)
{
	const struct cen_plan *plan = &exp->plan;

	fprintf(to, "plan: heap %s\n", cen_explanation_heap(exp, plan->heap));
	fprintf(to, "  memory               %s %s, aligned to %s\n",
		plan->flags & CEN_PLAN_CONTIGUOUS ? "one piece of" : "pieces of at least",
		bytes(plan->chunk).text, bytes(plan->align).text);
	fprintf(to, "  addresses            at most %u bits\n", plan->addr_bits);
	if (plan->max_segs && plan->max_segs != UINT32_MAX)
		fprintf(to, "  segments             at most %u\n", plan->max_segs);
	fprintf(to, "  cache                %s%s\n",
		plan->cache_mode == CEN_CACHE_WRITECOMBINE ? "write-combined" : "cached",
		plan->flags & CEN_PLAN_SYNC ?
		", maintained around the transfers of non-coherent devices" : "");
	write_other_heaps(to, exp);
}

static const char *verdict(const struct cen_explanation *exp)
{
	switch (exp->error) {
	case EINVAL:
		return "no memory of any kind could serve these devices";
	case ENODEV:
		return "the devices agree, but no heap of this machine offers such memory";
	case ENOMEM:
		return "heaps would do, but have no such memory left";
	case EBUSY:
		return "the buffer's memory does not do, and it cannot be moved";
	case EDQUOT:
		return "the user's quota is used up";
	default:
		return strerror(exp->error);
	}
}

/* Several reasons often have the same remedy: say it once. */
static bool help_is_new(const struct cen_explanation *exp, uint32_t index)
{
	if (!exp->helps[index])
		return false;
	for (uint32_t i = 0; i < index; i++)
		if (exp->helps[i] && !strcmp(exp->helps[i], exp->helps[index]))
			return false;
	return true;
}

static void write_refusal(FILE *to, const struct cen_explanation *exp)
{
	const char *name = strerrorname_np(exp->error);
	const char *heading = "what would help:\n";

	fprintf(to, "refused (%s): %s\n", name ? name : "unknown errno", verdict(exp));
	for (uint32_t i = 0; i < exp->reason_count; i++)
		fprintf(to, "  %s\n", exp->sentences[i]);
	for (uint32_t i = 0; i < exp->reason_count; i++) {
		if (!help_is_new(exp, i))
			continue;
		fprintf(to, "%s  %s\n", heading, exp->helps[i]);
		heading = "";
	}
}

int cen_explanation_write(struct cen_explanation *exp)
{
	size_t count = exp->reason_count ? exp->reason_count : 1, size;
	FILE *to;

	exp->sentences = calloc(count, sizeof(*exp->sentences));
	exp->helps = calloc(count, sizeof(*exp->helps));
	if (!exp->sentences || !exp->helps)
		return -ENOMEM;
	for (uint32_t i = 0; i < exp->reason_count; i++) {
		exp->sentences[i] = make_text(exp, &exp->reasons[i], write_reason);
		exp->helps[i] = make_text(exp, &exp->reasons[i], write_help);
		if (!exp->sentences[i] || !exp->helps[i])
			return -ENOMEM;
		if (!*exp->helps[i]) {
			free(exp->helps[i]);
			exp->helps[i] = NULL;
		}
	}

	to = open_memstream(&exp->text, &size);
	if (!to)
		return -ENOMEM;
	if (exp->error)
		write_refusal(to, exp);
	else
		write_plan(to, exp);
	return fclose(to) ? -ENOMEM : 0;
}
