// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
void cen_probe(struct vm_operations_struct *ops, vm_fault_t (*fn)(struct vm_fault *, unsigned int));
void cen_probe(struct vm_operations_struct *ops, vm_fault_t (*fn)(struct vm_fault *, unsigned int))
{
	ops->huge_fault = fn;
}
