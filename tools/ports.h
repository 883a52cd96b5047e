/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CENCTL_PORTS_H
#define _CENCTL_PORTS_H

#include <json-c/json.h>

#include <cen-port.h>

struct json_object *json_from_port(const struct cen_port_info *info);

#endif /* _CENCTL_PORTS_H */
