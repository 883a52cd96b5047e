// SPDX-License-Identifier: GPL-2.0
/*
 * A pool of zeroed chunks.
 *
 * Most of what an allocation costs is zeroing. Chunks of closed buffers are kept
 * here, zeroed by a thread that runs when nobody else wants the CPU, and handed
 * out again ready. A chunk that is asked for before its turn is zeroed by who asks:
 * whatever leaves the pool is zero.
 *
 * Memory goes back to the page allocator when it asks (shrinker), when the pool
 * is beyond its limit, and when it idles: every pool_idle seconds half of what was
 * not needed once in that time is released. See docs/pool.md.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/shrinker.h>
#include <linux/spinlock.h>

#include "../compat/compat_mm.h"
#include "pool.h"
#include "zero.h"

/*
 * As long as there is less of a size, a request that finds nothing zeroed takes a
 * fresh chunk rather than zero a pooled one itself: so the pool grows until the
 * thread, working in batches, has something ready each time.
 */
#define CEN_POOL_STOCK	(SZ_8M >> PAGE_SHIFT)
/* Below this much dirty memory the thread naps before it starts: it may be taken again. */
#define CEN_POOL_BATCH	(SZ_1M >> PAGE_SHIFT)
#define CEN_POOL_NAP	msecs_to_jiffies(10)

#define CEN_POOL_MIB_AUTO	UINT_MAX

/**
 * struct cen_pool_list - chunks of one size
 * @clean: zeroed
 * @dirty: as they came
 * @nr_clean: length of @clean
 * @nr_dirty: length of @dirty
 * @low: fewest chunks there were since the last look for idle memory
 */
struct cen_pool_list {
	struct list_head clean;
	struct list_head dirty;
	unsigned int nr_clean;
	unsigned int nr_dirty;
	unsigned int low;
};

/**
 * struct cen_pool - chunks for one kind of wish
 * @lock: guards @lists; innermost, never held while memory is allocated, freed, zeroed
 * @pages: in @lists or being zeroed
 * @lists: by order
 */
struct cen_pool {
	spinlock_t lock;
	atomic_long_t pages;
	struct cen_pool_list lists[CEN_PAGE_ORDER_MAX + 1];
};

static struct cen_pool cen_pools[CEN_NR_ZONES];
static atomic_long_t cen_pool_dirty;	/* pages */
static struct shrinker *cen_pool_shrinker;
static struct task_struct *cen_pool_task;

/* What the thread waits for; written by it before it sleeps, by who wakes it to BUSY. */
enum { CEN_POOL_BUSY, CEN_POOL_NAPS, CEN_POOL_SLEEPS };
static atomic_t cen_pool_state = ATOMIC_INIT(CEN_POOL_BUSY);
static DECLARE_WAIT_QUEUE_HEAD(cen_pool_wait);

static unsigned int cen_pool_mib = CEN_POOL_MIB_AUTO;
static unsigned int cen_pool_idle = 10;

static unsigned long cen_pool_limit(void)
{
	return (unsigned long)READ_ONCE(cen_pool_mib) << (20 - PAGE_SHIFT);
}

static unsigned long cen_pool_pages(void)
{
	unsigned long pages = 0;
	int i;

	for (i = 0; i < CEN_NR_ZONES; i++)
		pages += atomic_long_read(&cen_pools[i].pages);
	return pages;
}

/*
 * Chunks come and go. The kernel is told that they are to be had, so that MemAvailable
 * counts them.
 */
static void cen_pool_account(struct cen_pool *pool, struct page *page, unsigned int order,
			     bool comes)
{
	long pages = 1L << order;

	if (!comes)
		pages = -pages;
	atomic_long_add(pages, &pool->pages);
	mod_node_page_state(page_pgdat(page), NR_KERNEL_MISC_RECLAIMABLE, pages);
}

static unsigned int cen_list_chunks(const struct cen_pool_list *list)
{
	return list->nr_clean + list->nr_dirty;
}

static struct page *cen_list_pop(struct list_head *head, unsigned int *nr)
{
	struct page *page = list_first_entry_or_null(head, struct page, lru);

	if (page) {
		list_del(&page->lru);
		(*nr)--;
	}
	return page;
}

static struct page *cen_list_pop_clean(struct cen_pool_list *list)
{
	return cen_list_pop(&list->clean, &list->nr_clean);
}

static struct page *cen_list_pop_dirty(struct cen_pool_list *list, unsigned int order)
{
	struct page *page = cen_list_pop(&list->dirty, &list->nr_dirty);

	if (page)
		atomic_long_sub(1L << order, &cen_pool_dirty);
	return page;
}

struct page *cen_pool_take(enum cen_zone zone, unsigned int order, bool last)
{
	struct cen_pool *pool = &cen_pools[zone];
	struct cen_pool_list *list = &pool->lists[order];
	unsigned int least = last ? 0 : CEN_POOL_STOCK >> order;
	bool clean = true;
	struct page *page;

	/* the common miss, without the lock */
	if (!READ_ONCE(list->nr_clean) && READ_ONCE(list->nr_dirty) <= least)
		return NULL;

	spin_lock(&pool->lock);
	page = cen_list_pop_clean(list);
	if (!page && list->nr_dirty > least) {
		page = cen_list_pop_dirty(list, order);
		clean = false;
	}
	list->low = min(list->low, cen_list_chunks(list));
	spin_unlock(&pool->lock);
	if (!page)
		return NULL;

	cen_pool_account(pool, page, order, false);
	if (!clean)
		cen_zero_pages(page, 1UL << order, false);
	return page;
}

/* There is something to zero: wake the thread if it should know at once. */
static void cen_pool_kick(long dirty)
{
	int state = atomic_read(&cen_pool_state);

	if (state == CEN_POOL_BUSY || (state == CEN_POOL_NAPS && dirty < CEN_POOL_BATCH))
		return;
	if (atomic_cmpxchg(&cen_pool_state, state, CEN_POOL_BUSY) == state)
		wake_up(&cen_pool_wait);
}

bool cen_pool_put(enum cen_zone zone, unsigned int order, struct page *page)
{
	struct cen_pool *pool = &cen_pools[zone];
	struct cen_pool_list *list = &pool->lists[order];
	long dirty;

	if (cen_pool_pages() + (1UL << order) > cen_pool_limit())
		return false;

	/* counted before it can be taken, so that no count is ever below zero */
	cen_pool_account(pool, page, order, true);
	dirty = atomic_long_add_return(1L << order, &cen_pool_dirty);
	spin_lock(&pool->lock);
	/* last in, first out: its first lines may still be in the cache */
	list_add(&page->lru, &list->dirty);
	list->nr_dirty++;
	spin_unlock(&pool->lock);

	cen_pool_kick(dirty);
	return true;
}

/* Release up to @nr chunks of one size, those that are not zeroed yet first. */
static unsigned long cen_list_release(struct cen_pool *pool, unsigned int order, unsigned long nr)
{
	struct cen_pool_list *list = &pool->lists[order];
	unsigned long done;

	for (done = 0; done < nr; done++) {
		struct page *page;

		spin_lock(&pool->lock);
		page = cen_list_pop_dirty(list, order) ?: cen_list_pop_clean(list);
		list->low = min(list->low, cen_list_chunks(list));
		spin_unlock(&pool->lock);
		if (!page)
			break;
		cen_pool_account(pool, page, order, false);
		__free_pages(page, order);
		if (done % 256 == 255)
			cond_resched();
	}
	return done << order;
}

/* Release @pages or somewhat more, large chunks first: they are what others lack. */
static unsigned long cen_pool_release(unsigned long pages)
{
	unsigned long done = 0;
	int order, i;

	for (order = CEN_PAGE_ORDER_MAX; order >= 0; order--) {
		for (i = 0; i < CEN_NR_ZONES; i++) {
			if (done >= pages)
				return done;
			done += cen_list_release(&cen_pools[i], order,
						 DIV_ROUND_UP(pages - done, 1UL << order));
		}
	}
	return done;
}

static void cen_pool_trim(void)
{
	unsigned long pages = cen_pool_pages(), limit = cen_pool_limit();

	if (pages > limit)
		cen_pool_release(pages - limit);
}

void cen_pool_drain(void)
{
	cen_pool_release(ULONG_MAX >> 1);
}

u64 cen_pool_bytes(enum cen_zone zone)
{
	return (u64)atomic_long_read(&cen_pools[zone].pages) << PAGE_SHIFT;
}

/* The shrinker */

static unsigned long cen_pool_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return cen_pool_pages() ?: SHRINK_EMPTY;
}

static unsigned long cen_pool_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	return cen_pool_release(sc->nr_to_scan) ?: SHRINK_STOP;
}

/* The thread */

/* What was zeroed goes back on its list, unless there is no room for it any more. */
static void cen_pool_put_clean(struct cen_pool *pool, unsigned int order, struct page *page)
{
	struct cen_pool_list *list = &pool->lists[order];

	spin_lock(&pool->lock);
	list_add(&page->lru, &list->clean);
	list->nr_clean++;
	spin_unlock(&pool->lock);

	/* the limit may have been lowered meanwhile: this chunk was out of sight then */
	cen_pool_trim();
}

/* Zero one chunk, the largest that waits. False: nothing to do. */
static bool cen_pool_zero_one(void)
{
	int order, i;

	for (order = CEN_PAGE_ORDER_MAX; order >= 0; order--) {
		for (i = 0; i < CEN_NR_ZONES; i++) {
			struct cen_pool *pool = &cen_pools[i];
			struct cen_pool_list *list = &pool->lists[order];
			struct page *page;

			if (!READ_ONCE(list->nr_dirty))
				continue;
			spin_lock(&pool->lock);
			page = cen_list_pop_dirty(list, order);
			spin_unlock(&pool->lock);
			if (!page)
				continue;

			cen_zero_pages(page, 1UL << order, true);
			cen_pool_put_clean(pool, order, page);
			return true;
		}
	}
	return false;
}

/* Release half of what nobody needed since the last call. */
static void cen_pool_age(void)
{
	int order, i;

	for (order = 0; order <= CEN_PAGE_ORDER_MAX; order++) {
		for (i = 0; i < CEN_NR_ZONES; i++) {
			struct cen_pool *pool = &cen_pools[i];
			struct cen_pool_list *list = &pool->lists[order];
			unsigned int idle;

			spin_lock(&pool->lock);
			idle = DIV_ROUND_UP(list->low, 2);
			spin_unlock(&pool->lock);
			if (idle)
				cen_list_release(pool, order, idle);
			spin_lock(&pool->lock);
			list->low = cen_list_chunks(list);
			spin_unlock(&pool->lock);
		}
		cond_resched();
	}
}

/* How long until memory that idled since @aged is due. */
static long cen_pool_left(unsigned long aged)
{
	unsigned long idle = READ_ONCE(cen_pool_idle) * HZ;

	if (!idle || !cen_pool_pages())
		return MAX_SCHEDULE_TIMEOUT;
	return max_t(long, aged + idle - jiffies, 0);
}

/* Sleep in @state until woken, told to stop, or it is time; or not, when work came meanwhile. */
static void cen_pool_sleep(int state, unsigned long aged)
{
	long enough = state == CEN_POOL_SLEEPS ? 1 : CEN_POOL_BATCH;
	long left;

	atomic_set(&cen_pool_state, state);
	/* against cen_pool_put() and pool_idle: either they see the state or we what is new */
	smp_mb__after_atomic();
	left = state == CEN_POOL_SLEEPS ? cen_pool_left(aged) : CEN_POOL_NAP;
	if (left && atomic_long_read(&cen_pool_dirty) < enough)
		wait_event_freezable_timeout(cen_pool_wait,
					     atomic_read(&cen_pool_state) == CEN_POOL_BUSY ||
					     kthread_should_stop(),
					     left);
	atomic_set(&cen_pool_state, CEN_POOL_BUSY);
}

static int cen_pool_thread(void *unused)
{
	unsigned long aged = jiffies;

	set_user_nice(current, MAX_NICE);
	set_freezable();
	while (!kthread_should_stop()) {
		if (atomic_long_read(&cen_pool_dirty)) {
			cen_pool_sleep(CEN_POOL_NAPS, aged);
			while (!kthread_should_stop() && cen_pool_zero_one())
				try_to_freeze();
		}
		if (!cen_pool_left(aged)) {
			cen_pool_age();
			aged = jiffies;
		}
		cen_pool_sleep(CEN_POOL_SLEEPS, aged);
	}
	return 0;
}

/* Parameters */

static unsigned int cen_pool_mib_default(void)
{
	return clamp_t(unsigned long, totalram_pages() >> (20 - PAGE_SHIFT) >> 4, 64, 1024);
}

static int cen_pool_mib_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_uint_minmax(val, kp, 0, 1 << 20);

	if (!ret)
		cen_pool_trim();
	return ret;
}

static const struct kernel_param_ops cen_pool_mib_ops = {
	.set = cen_pool_mib_set,
	.get = param_get_uint,
};
module_param_cb(pool_mib, &cen_pool_mib_ops, &cen_pool_mib, 0644);
MODULE_PARM_DESC(pool_mib, "most memory kept ready for new buffers, MiB (default: a 16th of the memory, 64 to 1024; 0: none)");

static int cen_pool_idle_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_uint_minmax(val, kp, 0, 24 * 60 * 60);

	/* it may sleep for as long as the old value said */
	if (!ret && atomic_xchg(&cen_pool_state, CEN_POOL_BUSY) != CEN_POOL_BUSY)
		wake_up(&cen_pool_wait);
	return ret;
}

static const struct kernel_param_ops cen_pool_idle_ops = {
	.set = cen_pool_idle_set,
	.get = param_get_uint,
};
module_param_cb(pool_idle, &cen_pool_idle_ops, &cen_pool_idle, 0644);
MODULE_PARM_DESC(pool_idle, "seconds after which half of the pool's unused memory is given back (default 10; 0: never)");

int cen_pool_init(void)
{
	int order, i, ret;

	if (cen_pool_mib == CEN_POOL_MIB_AUTO)
		cen_pool_mib = cen_pool_mib_default();

	for (i = 0; i < CEN_NR_ZONES; i++) {
		spin_lock_init(&cen_pools[i].lock);
		for (order = 0; order <= CEN_PAGE_ORDER_MAX; order++) {
			INIT_LIST_HEAD(&cen_pools[i].lists[order].clean);
			INIT_LIST_HEAD(&cen_pools[i].lists[order].dirty);
		}
	}

	cen_pool_task = kthread_run(cen_pool_thread, NULL, "cen_pool");
	if (IS_ERR(cen_pool_task))
		return PTR_ERR(cen_pool_task);

	cen_pool_shrinker = cen_compat_shrinker_register("cenalloc-pool", cen_pool_count,
							 cen_pool_scan);
	if (!cen_pool_shrinker) {
		ret = -ENOMEM;
		goto err_stop;
	}
	return 0;

err_stop:
	kthread_stop(cen_pool_task);
	return ret;
}

void cen_pool_exit(void)
{
	cen_compat_shrinker_unregister(cen_pool_shrinker);
	kthread_stop(cen_pool_task);
	cen_pool_drain();
}
