// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Regions and managers: found, asked, programmed. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "fpga.h"

struct cen_fpga {
	int fd;
	char name[CEN_FPGA_NAME_LEN];
};

struct cen_fpga_list {
	struct cen_fpga_info *infos;
	size_t count;
};

int cen_fpga_name(const char *text, char name[CEN_FPGA_NAME_LEN])
{
	const char *own = text;

	if (!strncmp(text, CEN_FPGA_NODES "/", strlen(CEN_FPGA_NODES "/")))
		own += strlen(CEN_FPGA_NODES "/");
	if (!*own || strchr(own, '/') || *own == '.' || strlen(own) >= CEN_FPGA_NAME_LEN)
		return cen_say(-EINVAL, "'%s' is no region's or manager's name, such as region0", text);
	snprintf(name, CEN_FPGA_NAME_LEN, "%s", own);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void cen_fpga_names_free(char **names, size_t count)
{
	for (size_t i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
}

int cen_fpga_names(const char *path, bool directories, char ***names, size_t *count)
{
	struct dirent *entry;
	char **grown;
	DIR *dir;

	*names = NULL;
	*count = 0;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || (directories && entry->d_type != DT_DIR))
			continue;
		grown = realloc(*names, (*count + 1) * sizeof(*grown));
		if (grown) {
			*names = grown;
			grown[*count] = strdup(entry->d_name);
		}
		if (!grown || !grown[*count]) {
			closedir(dir);
			cen_fpga_names_free(*names, *count);
			*names = NULL;
			*count = 0;
			return cen_say(-ENOMEM, "out of memory");
		}
		(*count)++;
	}
	closedir(dir);
	if (*names)
		qsort(*names, *count, sizeof(**names), compare_names);
	return 0;
}

static int fpga_open(struct cen_fpga *fpga, const char *name)
{
	char path[sizeof(CEN_FPGA_NODES) + CEN_FPGA_NAME_LEN + 1];
	int error = cen_fpga_name(name, fpga->name);

	if (error)
		return error;
	snprintf(path, sizeof(path), CEN_FPGA_NODES "/%s", fpga->name);
	fpga->fd = open(path, O_RDWR | O_CLOEXEC);
	if (fpga->fd >= 0)
		return 0;
	error = -errno;
	if (error == -ENOENT)
		return cen_say(error, "%s does not exist: %s", path, access(CEN_FPGA_NODES, F_OK) ?
			       "the module cen_fpga is not loaded, or there is no FPGA" :
			       "no such region or manager");
	return cen_say(error, "%s: %s", path, strerror(-error));
}

CEN_API struct cen_fpga *cen_fpga_open(const char *name)
{
	struct cen_fpga *fpga = calloc(1, sizeof(*fpga));
	int error;

	if (!fpga)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = fpga_open(fpga, name);
	if (error) {
		free(fpga);
		return cen_ret_null(error);
	}
	return fpga;
}

CEN_API void cen_fpga_close(struct cen_fpga *fpga)
{
	int saved = errno;

	if (!fpga)
		return;
	close(fpga->fd);
	free(fpga);
	errno = saved;
}

CEN_API int cen_fpga_fd(const struct cen_fpga *fpga)
{
	return fpga->fd;
}

static int fpga_info(struct cen_fpga *fpga, struct cen_fpga_info *info)
{
	int error;

	memset(info, 0, sizeof(*info));
	error = cen_ioctl(fpga->fd, CEN_FPGA_IOC_INFO, info);
	if (error)
		return cen_say(error, "%s: %s", fpga->name, error == -ENODEV ? "it is gone" :
			       strerror(-error));
	return 0;
}

CEN_API int cen_fpga_get_info(struct cen_fpga *fpga, struct cen_fpga_info *info)
{
	return cen_ret(fpga_info(fpga, info));
}

static int fpga_load(struct cen_fpga *fpga, int fd, uint64_t offset, uint64_t length,
		     uint32_t flags, struct cen_fpga_result *result)
{
	struct cen_fpga_load arg = {
		.offset = offset, .length = length, .fd = fd, .flags = flags,
	};
	int error = cen_ioctl(fpga->fd, CEN_FPGA_IOC_LOAD, &arg);

	if (result)
		*result = arg.result;
	if (!error)
		return 0;
	if (error == -EPERM && !arg.result.step)
		return cen_say(error, "%s: CAP_SYS_RAWIO is wanted", fpga->name);
	return cen_say(error, "%s: %s", fpga->name, arg.result.message[0] ? arg.result.message :
		       strerror(-error));
}

CEN_API int cen_fpga_load_fd(struct cen_fpga *fpga, int fd, uint64_t offset, uint64_t length,
			     uint32_t flags, struct cen_fpga_result *result)
{
	return cen_ret(fpga_load(fpga, fd, offset, length, flags, result));
}

CEN_API int cen_fpga_load(struct cen_fpga *fpga, struct cen_buffer *buf, uint64_t offset,
			  uint64_t length, uint32_t flags, struct cen_fpga_result *result)
{
	int fd = cen_buffer_fd(buf);

	if (fd < 0)
		return -1;
	return cen_fpga_load_fd(fpga, fd, offset, length, flags, result);
}

/* One that goes while it is listed is left out. */
static int list_add(struct cen_fpga_list *list, const char *name)
{
	struct cen_fpga fpga;
	int error = fpga_open(&fpga, name);

	if (error)
		return error == -ENOENT || error == -ENXIO ? 0 : error;
	error = fpga_info(&fpga, &list->infos[list->count]);
	close(fpga.fd);
	if (!error)
		list->count++;
	return error == -ENODEV ? 0 : error;
}

static int list_fill(struct cen_fpga_list *list)
{
	char **names;
	size_t count;
	int error = cen_fpga_names(CEN_FPGA_NODES, false, &names, &count);

	if (error == -ENOENT && !access("/sys/module/cen_fpga", F_OK))
		return 0;
	if (error)
		return cen_say(error, "%s: %s", CEN_FPGA_NODES, error == -ENOENT ?
			       "the module cen_fpga is not loaded" : strerror(-error));
	list->infos = calloc(count + 1, sizeof(*list->infos));
	if (!list->infos) {
		error = cen_say(-ENOMEM, "out of memory");
		goto free_names;
	}
	for (size_t i = 0; !error && i < count; i++)
		error = list_add(list, names[i]);
free_names:
	cen_fpga_names_free(names, count);
	return error;
}

CEN_API struct cen_fpga_list *cen_fpga_list_new(void)
{
	struct cen_fpga_list *list = calloc(1, sizeof(*list));
	int error;

	if (!list)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = list_fill(list);
	if (error) {
		cen_fpga_list_free(list);
		return cen_ret_null(error);
	}
	return list;
}

CEN_API void cen_fpga_list_free(struct cen_fpga_list *list)
{
	if (!list)
		return;
	free(list->infos);
	free(list);
}

CEN_API size_t cen_fpga_list_count(const struct cen_fpga_list *list)
{
	return list->count;
}

CEN_API const struct cen_fpga_info *cen_fpga_list_get(const struct cen_fpga_list *list,
						      size_t index)
{
	return index < list->count ? &list->infos[index] : NULL;
}
