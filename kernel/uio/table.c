// SPDX-License-Identifier: GPL-2.0
/*
 * Whose rules: a table by device name. Two sources fill it, the module's parameter
 * "rules" at load and configfs at any time; the younger entry wins. A device takes
 * its rules when it is bound and keeps them until it is unbound.
 *
 *	options cen_uio rules="device pci-id:1234:11e8; dma-bits 28; reg 0:0x80 ..."
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rules.h"

/**
 * struct cen_uio_entry - the rules of a name
 * @node: in cen_uio_table; P: cen_uio_table_lock
 * @rules: counted, or NULL; P: cen_uio_table_lock
 * @name: "bus:device"
 */
struct cen_uio_entry {
	struct list_head node;
	struct cen_uio_rules *rules;
	char name[CEN_UIO_NAME_LEN];
};

static DEFINE_MUTEX(cen_uio_table_lock);
static LIST_HEAD(cen_uio_table);	/* P: cen_uio_table_lock; the youngest first */

static char *cen_uio_param;
module_param_named(rules, cen_uio_param, charp, 0444);
MODULE_PARM_DESC(rules, "\"device NAME; RULE; RULE; device NAME; ...\", see cen_uio(4)");

bool cen_uio_name_valid(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon && colon != name && colon[1] && strlen(name) < CEN_UIO_NAME_LEN;
}

struct cen_uio_entry *cen_uio_table_add(const char *name)
{
	struct cen_uio_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	strscpy(entry->name, name, sizeof(entry->name));
	mutex_lock(&cen_uio_table_lock);
	list_add(&entry->node, &cen_uio_table);
	mutex_unlock(&cen_uio_table_lock);
	return entry;
}

void cen_uio_table_set(struct cen_uio_entry *entry, struct cen_uio_rules *rules)
{
	mutex_lock(&cen_uio_table_lock);
	swap(entry->rules, rules);
	mutex_unlock(&cen_uio_table_lock);
	cen_uio_rules_put(rules);
}

void cen_uio_table_remove(struct cen_uio_entry *entry)
{
	mutex_lock(&cen_uio_table_lock);
	list_del(&entry->node);
	mutex_unlock(&cen_uio_table_lock);
	cen_uio_rules_put(entry->rules);
	kfree(entry);
}

static struct cen_uio_rules *cen_uio_table_find_locked(const char *name)
{
	struct cen_uio_entry *entry;

	lockdep_assert_held(&cen_uio_table_lock);
	list_for_each_entry(entry, &cen_uio_table, node)
		if (entry->rules && !strcmp(entry->name, name))
			return entry->rules;
	return NULL;
}

struct cen_uio_rules *cen_uio_table_get(const char *name, const char *model)
{
	struct cen_uio_rules *rules;

	mutex_lock(&cen_uio_table_lock);
	rules = cen_uio_table_find_locked(name);
	if (!rules && model)
		rules = cen_uio_table_find_locked(model);
	if (rules)
		kref_get(&rules->refs);
	mutex_unlock(&cen_uio_table_lock);

	if (!rules)
		rules = cen_uio_rules_alloc();
	return rules ?: ERR_PTR(-ENOMEM);
}

/* One "device NAME; ..." section: up to the next statement that begins with "device". */
static int cen_uio_table_section(char *section)
{
	struct cen_uio_problem problem;
	struct cen_uio_entry *entry;
	struct cen_uio_rules *rules;
	char *text = section;
	char *name;

	name = strim(strsep(&text, ";\n"));
	if (!cen_uio_name_valid(name)) {
		pr_err("rules: \"%s\" is no \"bus:device\"\n", name);
		return -EINVAL;
	}
	rules = cen_uio_rules_parse(text ?: "", 1, &problem);
	if (IS_ERR(rules)) {
		pr_err("rules of %s: %s\n", name, problem.text);
		return PTR_ERR(rules);
	}
	entry = cen_uio_table_add(name);
	if (!entry) {
		cen_uio_rules_put(rules);
		return -ENOMEM;
	}
	cen_uio_table_set(entry, rules);
	return 0;
}

/* The next section of @text, what follows "device"; NULL when there is none. */
static char *cen_uio_next_section(char *text)
{
	static const char keyword[] = "device";
	bool fresh = true;

	for (; *text; text++) {
		if (fresh && !strncmp(text, keyword, strlen(keyword)) &&
		    isspace(text[strlen(keyword)])) {
			*text = '\0';
			return text + strlen(keyword);
		}
		if (*text == ';' || *text == '\n')
			fresh = true;
		else if (!isspace(*text))
			fresh = false;
	}
	return NULL;
}

int cen_uio_table_init(void)
{
	char *copy, *section, *next;
	int ret = 0;

	if (!cen_uio_param)
		return 0;
	copy = kstrdup(cen_uio_param, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	section = cen_uio_next_section(copy);
	if (!section || *skip_spaces(copy)) {
		pr_err("rules: begin with \"device NAME\"\n");
		ret = -EINVAL;
	}
	while (!ret && section) {
		next = cen_uio_next_section(section);
		ret = cen_uio_table_section(section);
		section = next;
	}
	kfree(copy);
	if (ret)
		cen_uio_table_exit();
	return ret;
}

void cen_uio_table_exit(void)
{
	struct cen_uio_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &cen_uio_table, node)
		cen_uio_table_remove(entry);
}
