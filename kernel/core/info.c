// SPDX-License-Identifier: GPL-2.0
/*
 * What a buffer tells of itself: struct cen_info, its devices, its last refusal.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/uidgid.h>

#include "buffer.h"

/*
 * Fill @info (all but what the caller set) and up to @room of @devices. May
 * sleep; takes the reservation. Returns 0 or -EINTR.
 */
int cen_buffer_info(struct cen_buffer *buffer, struct cen_info *info,
		    struct cen_buffer_device *devices, u32 room)
{
	const struct cen_use *use;
	u32 nr = 0;
	int ret;

	ret = dma_resv_lock_interruptible(&buffer->resv, NULL);
	if (ret)
		return ret;

	info->id = buffer->id;
	info->size = buffer->size;
	info->inode = buffer->inode;
	info->moves = buffer->moves;
	info->state = cen_buffer_backed(buffer) ? CEN_BUFFER_BACKED : CEN_BUFFER_EMPTY;
	info->uid = from_kuid_munged(current_user_ns(), cen_user_uid(buffer->user));
	info->chunks = buffer->storage.nr_chunks;
	info->addr_bits = buffer->addr_bits;
	info->maps = buffer->maps;
	info->early_maps = buffer->early_maps;
	info->vmaps = buffer->vmap.users;
	info->mmaps = atomic_read(&buffer->mmaps);
	info->creator = pid_vnr(buffer->creator);
	if (cen_buffer_backed(buffer)) {
		info->plan = buffer->plan;
		cen_heap_name(buffer->storage.heap->index, info->heap_name);
	}
	strscpy_pad(info->comm, buffer->comm, sizeof(info->comm));
	info->last_error = buffer->last ? buffer->last->error : 0;

	list_for_each_entry(use, &buffer->uses, node) {
		if (nr < room) {
			strscpy_pad(devices[nr].name, use->name, CEN_NAME_LEN);
			devices[nr].limits = use->facts.limits;
			devices[nr].flags = use->flags;
			devices[nr].segments = use->segments;
		}
		nr++;
	}
	info->devices_count = nr;
	dma_resv_unlock(&buffer->resv);
	return 0;
}
