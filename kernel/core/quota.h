/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_QUOTA_H
#define _CEN_QUOTA_H

#include <linux/types.h>
#include <linux/uidgid.h>

/*
 * Per-user quota of backed bytes. The limit is the module parameter
 * quota_mib (MiB per user; 0: half of the memory; writable), read at each
 * charge. The user is the creator of the buffer: a reference to it is taken at create time,
 * so that a page fault by somebody else charges the creator.
 */
struct cen_user;

struct cen_user *cen_user_get(kuid_t uid);	/* ERR_PTR(-ENOMEM) */
void cen_user_put(struct cen_user *user);
kuid_t cen_user_uid(const struct cen_user *user);
int cen_user_charge(struct cen_user *user, u64 bytes);	/* -EDQUOT */
void cen_user_uncharge(struct cen_user *user, u64 bytes);
u64 cen_quota_bytes(void);	/* the limit now; CREATE refuses what can never fit */

#endif /* _CEN_QUOTA_H */
