// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include <json-c/json.h>

#include <cen.h>

#include "report.h"

static void add_number(struct json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

static void add_text(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

static struct json_object *json_device(const struct cen_device_info *info)
{
	struct json_object *out = json_object_new_object();
	char limits[256];

	cen_limits_format(&info->limits, limits, sizeof(limits));
	add_text(out, "name", info->name);
	add_text(out, "driver", info->driver);
	add_text(out, "limits", limits);
	return out;
}

static void add_outcome(struct json_object *to, const char *key, const struct job_device *device)
{
	struct json_object *out = NULL;

	if (device->error) {
		out = json_object_new_object();
		add_text(out, "step", device->step);
		add_text(out, "errno", strerrorname_np(device->error));
	}
	/* null: nothing was refused */
	json_object_object_add(to, key, out);
}

static struct json_object *json_job(const struct job *job)
{
	struct json_object *out = json_object_new_object();
	struct json_object *log = json_object_new_array();

	add_text(out, "source", job->source->name);
	add_number(out, "buffers", JOB_BUFFERS);
	add_number(out, "size", job->size);
	add_number(out, "frame_size", job->camera->frame);
	if (job->error)
		add_text(out, "error", strerrorname_np(job->error));
	add_text(out, "heap", job->heap);
	add_number(out, "segments", job->segments);
	add_number(out, "address_bits", job->address_bits);
	add_outcome(out, "camera_refusal", &job->on_camera);
	add_outcome(out, "edu_refusal", &job->on_edu);
	add_number(out, "frames", job->frames_seen);
	add_number(out, "frames_right", job->frames_right);
	add_number(out, "frame_bytes", job->frame_bytes);
	add_number(out, "frame_bytes_wrong", job->frame_bytes_wrong);
	add_number(out, "frame_bytes_untouched", job->frame_bytes_untouched);
	add_number(out, "edu_windows", job->windows);
	add_number(out, "edu_bytes", job->edu_bytes);
	add_number(out, "edu_bytes_wrong", job->edu_bytes_wrong);
	add_number(out, "edu_bytes_stray", job->edu_bytes_stray);
	add_number(out, "cpu_copied_bytes", job->copied);
	json_object_object_add(out, "seconds", json_object_new_double(job->seconds));
	for (size_t i = 0; i < job->watch.lines; i++)
		json_object_array_add(log, json_object_new_string(job->watch.line[i]));
	json_object_object_add(out, "kernel_log", log);
	json_object_object_add(out, "passed", json_object_new_boolean(job_passed(job)));
	return out;
}

int report_json(const char *path, const struct cen_device_info *devices, size_t device_count,
		const struct cen_plan *plan, const struct job *jobs, size_t count, bool passed)
{
	struct json_object *root = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *out = json_object_new_object();
	struct utsname name;
	int ret;

	uname(&name);
	add_text(root, "kernel", name.release);

	for (size_t i = 0; i < device_count; i++)
		json_object_array_add(list, json_device(&devices[i]));
	json_object_object_add(root, "devices", list);

	add_number(out, "heap", plan->heap);
	add_number(out, "chunk", plan->chunk);
	add_number(out, "address_bits", plan->addr_bits);
	json_object_object_add(root, "plan", out);

	list = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, json_job(&jobs[i]));
	json_object_object_add(root, "jobs", list);
	json_object_object_add(root, "passed", json_object_new_boolean(passed));

	errno = 0;
	ret = json_object_to_file_ext(path, root, JSON_C_TO_STRING_PRETTY);
	json_object_put(root);
	return ret ? -(errno ? errno : EIO) : 0;
}
