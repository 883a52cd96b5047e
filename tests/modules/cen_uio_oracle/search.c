// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "../../../kernel/compat/compat.h"
#include "oracle.h"

static u64 cuo_le64(const u8 *data)
{
	__le64 number;

	memcpy(&number, data, sizeof(number));
	return le64_to_cpu(number);
}

static u32 cuo_le32(const u8 *data)
{
	__le32 number;

	memcpy(&number, data, sizeof(number));
	return le32_to_cpu(number);
}

static bool cuo_in_memory(const struct cuo_target *target, u64 addr)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(target->memory, sg, i)
		if (addr >= sg_dma_address(sg) && addr - sg_dma_address(sg) < sg_dma_len(sg))
			return true;
	return false;
}

static bool cuo_hit(const struct cuo_target *target, u64 addr)
{
	if (cuo_in_memory(target, addr))
		return true;
	/* Nothing is mapped there, and tables of pages end somewhere. */
	if (!target->domain || addr < SZ_64K || addr >> 48)
		return false;
	addr = iommu_iova_to_phys(target->domain, addr);
	return addr && cuo_in_memory(target, addr);
}

static void cuo_note(struct cuo_search *arg, size_t offset, enum cuo_form form)
{
	if (arg->found++)
		return;
	arg->offset = offset;
	arg->form = form;
}

static void cuo_search_binary(const struct cuo_target *target, const u8 *data, size_t length,
			      struct cuo_search *arg)
{
	size_t i;

	for (i = 0; i + 4 <= length; i++) {
		u32 low = cuo_le32(data + i);

		if (i + 8 <= length && cuo_le32(data + i + 4) &&
		    cuo_hit(target, cuo_le64(data + i)))
			cuo_note(arg, i, CUO_LE64);
		else if (cuo_hit(target, low))
			cuo_note(arg, i, CUO_LE32);
	}
}

/* The number whose digits begin at @data. */
static u64 cuo_number(const u8 *data, size_t length, unsigned int base, size_t *digits)
{
	u64 number = 0;
	size_t i;

	for (i = 0; i < length && i < 20; i++) {
		int digit = hex_to_bin(data[i]);

		if (digit < 0 || digit >= base)
			break;
		number = number * base + digit;
	}
	*digits = i;
	return number;
}

static void cuo_search_text(const struct cuo_target *target, const u8 *data, size_t length,
			    struct cuo_search *arg)
{
	size_t i, digits;

	for (i = 0; i < length; i++) {
		/* a number begins where the character before is no digit of it */
		bool begins = !i || !isxdigit(data[i - 1]);
		u64 number;

		if (!isxdigit(data[i]))
			continue;
		number = cuo_number(data + i, length - i, 16, &digits);
		if (begins && digits >= 5 && cuo_hit(target, number))
			cuo_note(arg, i, CUO_HEX);
		number = cuo_number(data + i, length - i, 10, &digits);
		if (begins && digits >= 6 && cuo_hit(target, number))
			cuo_note(arg, i, CUO_DECIMAL);
	}
}

void cuo_search(const struct cuo_target *target, const u8 *data, size_t length,
		struct cuo_search *arg)
{
	arg->found = 0;
	arg->form = CUO_NONE;
	arg->offset = 0;
	arg->translated = !!target->domain;
	cuo_search_binary(target, data, length, arg);
	cuo_search_text(target, data, length, arg);
}

/*
 * An address that the device uses for the buffer's beginning. An I/O address is found by
 * trying: edu has 28 bits, so there are not many.
 */
static u64 cuo_address(const struct cuo_target *target)
{
	u64 memory = sg_dma_address(target->memory->sgl);
	u64 addr;

	if (!target->domain)
		return memory;
	for (addr = SZ_256M - PAGE_SIZE; addr; addr -= PAGE_SIZE)
		if (iommu_iova_to_phys(target->domain, addr) == memory)
			return addr;
	return memory;
}

bool cuo_plant(const struct cuo_target *target, u8 *data, size_t length,
	       const struct cuo_search *arg)
{
	u64 addr = cuo_address(target) + 0x234;
	__le64 le64 = cpu_to_le64(addr);
	__le32 le32 = cpu_to_le32(addr);
	char text[24];
	int size;

	switch (arg->plant) {
	case CUO_LE64:
		size = 8;
		memcpy(text, &le64, size);
		break;
	case CUO_LE32:
		size = 4;
		memcpy(text, &le32, size);
		break;
	case CUO_HEX:
		size = snprintf(text, sizeof(text), "0x%llx", addr);
		break;
	case CUO_DECIMAL:
		size = snprintf(text, sizeof(text), "%llu", addr);
		break;
	default:
		return true;
	}
	if (arg->plant_at > length || size > length - arg->plant_at)
		return false;
	memcpy(data + arg->plant_at, text, size);
	return true;
}
