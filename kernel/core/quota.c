// SPDX-License-Identifier: GPL-2.0
/*
 * Per-user quota of backed bytes.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "quota.h"

static unsigned int cen_quota_mib;
module_param_named(quota_mib, cen_quota_mib, uint, 0644);
MODULE_PARM_DESC(quota_mib, "MiB of buffers a user may have backed (0: half of the memory)");

/**
 * struct cen_user - a user that has buffers
 * @node: in cen_users; P: cen_users_lock
 * @uid: who
 * @refs: one by each buffer; 0 only under cen_users_lock
 * @used: bytes backed
 */
struct cen_user {
	struct hlist_node node;
	kuid_t uid;
	refcount_t refs;
	atomic64_t used;
};

static DEFINE_SPINLOCK(cen_users_lock);
static DEFINE_HASHTABLE(cen_users, 6);	/* P: cen_users_lock */

static struct cen_user *cen_user_find_locked(kuid_t uid)
{
	struct cen_user *user;

	lockdep_assert_held(&cen_users_lock);
	hash_for_each_possible(cen_users, user, node, __kuid_val(uid)) {
		if (uid_eq(user->uid, uid)) {
			refcount_inc(&user->refs);
			return user;
		}
	}
	return NULL;
}

struct cen_user *cen_user_get(kuid_t uid)
{
	struct cen_user *user, *fresh;

	spin_lock(&cen_users_lock);
	user = cen_user_find_locked(uid);
	spin_unlock(&cen_users_lock);
	if (user)
		return user;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->uid = uid;
	refcount_set(&fresh->refs, 1);

	spin_lock(&cen_users_lock);
	user = cen_user_find_locked(uid);
	if (!user) {
		swap(user, fresh);
		hash_add(cen_users, &user->node, __kuid_val(uid));
	}
	spin_unlock(&cen_users_lock);
	kfree(fresh);
	return user;
}

void cen_user_put(struct cen_user *user)
{
	bool last;

	spin_lock(&cen_users_lock);
	last = refcount_dec_and_test(&user->refs);
	if (last)
		hash_del(&user->node);
	spin_unlock(&cen_users_lock);
	if (!last)
		return;
	WARN_ON(atomic64_read(&user->used));
	kfree(user);
}

kuid_t cen_user_uid(const struct cen_user *user)
{
	return user->uid;
}

u64 cen_quota_bytes(void)
{
	unsigned int mib = READ_ONCE(cen_quota_mib);

	return mib ? (u64)mib << 20 : (u64)(totalram_pages() / 2) << PAGE_SHIFT;
}

int cen_user_charge(struct cen_user *user, u64 bytes)
{
	u64 quota = cen_quota_bytes();
	s64 used = atomic64_read(&user->used);

	do {
		/* the quota may have been lowered below what is in use */
		if (used > quota || bytes > quota - used)
			return -EDQUOT;
	} while (!atomic64_try_cmpxchg(&user->used, &used, used + bytes));
	return 0;
}

void cen_user_uncharge(struct cen_user *user, u64 bytes)
{
	WARN_ON(atomic64_sub_return(bytes, &user->used) < 0);
}
