// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Would memory that already exists serve a device? Asked when a device comes late.
 *
 * Unlike a plan this looks at real addresses, so it accepts whatever happens to fit: chunks
 * that are neighbours by luck, a piece that misses a boundary by luck.
 */
#include "internal.h"

static void cen_fit_refuse(struct cen_fit *f, u32 code, u64 wanted, u64 offered)
{
	f->error = -EINVAL;
	if (f->told & (1U << code))
		return;
	f->told |= 1U << code;
	cen_reason_add(f->why, code, f->device, CEN_NO_INDEX, CEN_NO_INDEX, wanted, offered);
}

/**
 * cen_fit_begin() - begin to check memory against a device
 * @f: the check
 * @c: the device's constraints; must stay until cen_fit_end()
 * @page: page size
 * @banks: banks that all of the memory lies in
 * @device: what to call the device in reasons
 * @why: reasons are added here; may be NULL
 *
 * Context: Any context.
 */
void cen_fit_begin(struct cen_fit *f, const struct cen_constraints *c, u64 page, u64 banks,
		   u32 device, struct cen_reasons *why)
{
	memset(f, 0, sizeof(*f));
	f->c = c;
	f->why = why;
	f->page = page;
	f->device = device;
	f->run_min = U64_MAX;
	f->start_align = (u64)1 << 63;
	if (!c->nr_windows)
		cen_fit_refuse(f, CEN_WHY_INVALID, 0, 0);
	if (c->banks != U64_MAX && !(c->banks & banks))
		cen_fit_refuse(f, CEN_WHY_BANK, c->banks, banks);
}

static u64 cen_alignment_of(u64 address)
{
	return address ? address & -address : (u64)1 << 63;
}

static void cen_fit_close_run(struct cen_fit *f)
{
	struct cen_cut cut;
	u64 segs;

	cen_cut_init(&cut, f->c->seg_size, f->c->seg_boundary, f->c->align, f->page);
	segs = cen_cut_at(&cut, f->run.first, f->run.last);
	if (segs == U64_MAX)
		cen_fit_refuse(f, CEN_WHY_SEG_SIZE,
			       cut.last ? cen_max(f->c->align, f->page) : f->page, cut.last);
	else
		f->segs += segs;
	f->start_align = cen_min(f->start_align, cen_alignment_of(f->run.first));
	if (cen_alignment_of(f->run.first) < f->c->align)
		cen_fit_refuse(f, CEN_WHY_ALIGN, f->c->align, cen_alignment_of(f->run.first));
	f->have_run = 0;
}

static void cen_fit_reach(struct cen_fit *f, const struct cen_window *w)
{
	u64 top;

	if (!f->c->nr_windows || cen_window_within(w, f->c->windows, f->c->nr_windows))
		return;
	top = f->c->windows[f->c->nr_windows - 1].last;
	cen_fit_refuse(f, w->last > top ? CEN_WHY_ADDR : CEN_WHY_WINDOW, cen_reached_bits(top),
		       cen_addr_bits(w->last));
}

/**
 * cen_fit_chunk() - the next chunk of the memory, in buffer order
 * @f: the check
 * @first: its first address
 * @last: its last address
 *
 * Context: Any context.
 */
void cen_fit_chunk(struct cen_fit *f, u64 first, u64 last)
{
	struct cen_window w = { .first = first, .last = last };
	u64 granule = f->c->iova_granule;

	if (!cen_sees_memory(f->c)) {
		/* the IOMMU makes one piece of it, if nothing sticks out in between */
		u64 odd = (first | f->size) & (granule - 1);

		if (odd)
			cen_fit_refuse(f, CEN_WHY_ALIGN, granule, cen_alignment_of(odd));
		f->size += cen_window_bytes(&w);
		return;
	}
	cen_fit_reach(f, &w);
	f->size += cen_window_bytes(&w);
	if (f->have_run && f->run.last != U64_MAX && first == f->run.last + 1) {
		f->run.last = last;
		return;
	}
	if (f->have_run) {
		f->run_min = cen_min(f->run_min, cen_window_bytes(&f->run));
		cen_fit_close_run(f);
	}
	f->run = w;
	f->have_run = 1;
}

/*
 * Too many segments. Three things may be to blame: the device has too few for any memory; the
 * pieces are shorter than the chunks it would need; or they lie across boundaries.
 */
static void cen_fit_explain_segs(struct cen_fit *f)
{
	u32 max_segs = f->c->max_segs;
	u64 chunk = f->page, align = f->page;
	struct cen_cut cut;

	cen_cut_init(&cut, f->c->seg_size, f->c->seg_boundary, f->c->align, f->page);
	if (cen_cut_count(&cut, f->size) > max_segs) {
		cen_fit_refuse(f, CEN_WHY_SEGS, f->size, cen_cut_holds(&cut, max_segs));
		return;
	}
	while (chunk < f->size && cen_cut_chunks(&cut, f->size, chunk, chunk) > max_segs)
		chunk = chunk > U64_MAX / 2 ? U64_MAX : chunk << 1;
	chunk = cen_min(chunk, f->size);
	if (f->run_min < chunk) {
		cen_fit_refuse(f, CEN_WHY_CONTIG, chunk, f->run_min);
		return;
	}
	while (align < (u64)1 << 63 && cen_cut_chunks(&cut, f->size, chunk, align) > max_segs)
		align <<= 1;
	if (f->start_align < align)
		cen_fit_refuse(f, CEN_WHY_ALIGN, align, f->start_align);
	else /* long enough, but of odd lengths */
		cen_fit_refuse(f, CEN_WHY_CONTIG, cen_min(cen_pow2_up(f->run_min + 1), f->size),
			       f->run_min);
}

/**
 * cen_fit_end() - the verdict
 * @f: the check
 *
 * Context: Any context.
 * Return: 0, or -EINVAL when the memory does not serve the device; each kind of
 * reason has been told once.
 */
int cen_fit_end(struct cen_fit *f)
{
	const struct cen_constraints *c = f->c;

	if (!cen_sees_memory(c)) {
		struct cen_request req = { .size = f->size, .page = f->page };

		if (f->size && c->nr_windows &&
		    cen_device_agrees(c, &req, f->device, true, f->why))
			f->error = -EINVAL;
		return f->error;
	}
	if (f->have_run)
		cen_fit_close_run(f);
	if (!(f->told & (1U << CEN_WHY_SEG_SIZE)) && f->segs > c->max_segs)
		cen_fit_explain_segs(f);
	return f->error;
}
