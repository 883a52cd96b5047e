// SPDX-License-Identifier: GPL-2.0
#include <linux/hex.h>

int cen_probe(char c);
int cen_probe(char c)
{
	return hex_to_bin(c);
}
