// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Refusals of cen_uio as text. */
#include "uio.h"

static const char *kind_text(uint64_t kind)
{
	static const char * const kinds[] = {
		[CEN_UIO_REG_RO] = "read-only",
		[CEN_UIO_REG_WO] = "write-only",
		[CEN_UIO_REG_RW] = "plain",
		[CEN_UIO_REG_ADDRESS] = "for addresses",
		[CEN_UIO_REG_LENGTH] = "a length",
		[CEN_UIO_REG_COMMAND] = "a command",
	};

	return kind < CEN_ARRAY_SIZE(kinds) ? kinds[kind] : "of an unknown kind";
}

static const char *direction_text(uint64_t direction)
{
	switch (direction) {
	case CEN_UIO_TO_DEVICE:
		return "to the device";
	case CEN_UIO_FROM_DEVICE:
		return "from the device";
	default:
		return "both ways";
	}
}

/* The sentence for @reason; two numbers each, in the unit of its code. */
static void reason_text(const struct cen_uio_reason *reason, char *text, size_t room)
{
	unsigned long long w = reason->wanted, o = reason->offered;

	switch (reason->code) {
	case CEN_UIO_WHY_RULES:
		snprintf(text, room, "the device has no rules that name an address register");
		break;
	case CEN_UIO_WHY_REGISTER:
		snprintf(text, room, "the rules name no register at %#llx", w);
		break;
	case CEN_UIO_WHY_WIDTH:
		snprintf(text, room, "a write of %llu bits, the register has %llu", w, o);
		break;
	case CEN_UIO_WHY_KIND:
		snprintf(text, room, "the register is %s", kind_text(o));
		break;
	case CEN_UIO_WHY_VALUE:
		snprintf(text, room, "the register does not take %#llx, the limit is %#llx", w, o);
		break;
	case CEN_UIO_WHY_HANDLE:
		snprintf(text, room, "no buffer is attached as %llu", w);
		break;
	case CEN_UIO_WHY_BOUNDS:
		snprintf(text, room, "would end at %llu, the buffer ends at %llu", w, o);
		break;
	case CEN_UIO_WHY_SEGMENT:
		snprintf(text, room, "%llu bytes in one piece are wanted, there are %llu", w, o);
		break;
	case CEN_UIO_WHY_BITS:
		snprintf(text, room, "the buffer needs %llu address bits, there are %llu", w, o);
		break;
	case CEN_UIO_WHY_ALIGN:
		snprintf(text, room, "the place is not aligned to %llu bytes", w);
		break;
	case CEN_UIO_WHY_BOUNDARY:
		snprintf(text, room, "would cross a boundary of %llu bytes", w);
		break;
	case CEN_UIO_WHY_DIRECTION:
		snprintf(text, room, "the transfer goes %s, the buffer is there for %s",
			 direction_text(w), direction_text(o));
		break;
	case CEN_UIO_WHY_LENGTH:
		snprintf(text, room, "a transfer of %llu bytes, %llu are given out there", w, o);
		break;
	case CEN_UIO_WHY_ADDRESS:
		snprintf(text, room, "register %#llx holds nothing that this transfer may use", w);
		break;
	case CEN_UIO_WHY_COMMAND:
		snprintf(text, room, "the rules name no command %#llx", w);
		break;
	case CEN_UIO_WHY_ORDER:
		snprintf(text, room, "register %#llx is written behind the start of a transfer", w);
		break;
	case CEN_UIO_WHY_BUSY:
		snprintf(text, room, "the device is still at work");
		break;
	default:
		snprintf(text, room, "refused");
		break;
	}
}

int cen_uio_say(struct cen_uio *dev, int error, const char *what,
		const struct cen_uio_reason *reason)
{
	char text[160];

	dev->reason = *reason;
	if (!reason->code)
		return cen_say(error, "%s: %s", what, strerror(-error));
	reason_text(reason, text, sizeof(text));
	if (reason->index == CEN_UIO_NO_INDEX)
		return cen_say(error, "%s: %s", what, text);
	return cen_say(error, "%s: write %u: %s", what, reason->index, text);
}
