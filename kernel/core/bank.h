/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_BANK_H
#define _CEN_BANK_H

#include <linux/genalloc.h>
#include <linux/ioport.h>
#include <linux/memremap.h>

#include "heap.h"

/**
 * struct cen_bank - a reserved range as a heap
 * @heap: for the registry
 * @name: of the heap
 * @bank: number of the memory bank
 * @source: where it comes from, for messages: "mem=…", "reserve=…"
 * @start: first address
 * @size: bytes
 * @pool: hands out parts
 * @resource: the claimed range, NULL when the kernel itself set it aside
 * @pgmap: its struct pages, when the kernel had none; @pgmap.nr_range tells
 */
struct cen_bank {
	struct cen_heap heap;
	char name[CEN_HEAP_NAME_LEN];
	unsigned int bank;
	const char *source;
	phys_addr_t start;
	phys_addr_t size;
	struct gen_pool *pool;
	struct resource *resource;
	struct dev_pagemap pgmap;
};

/*
 * bank_memory.c: take possession of the range that @bank->source names: start, size,
 * and struct pages for it. Says what is wrong in the log.
 */
int cen_bank_claim(struct cen_bank *bank);
void cen_bank_unclaim(struct cen_bank *bank);

#endif /* _CEN_BANK_H */
