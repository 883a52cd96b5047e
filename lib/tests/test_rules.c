// SPDX-License-Identifier: GPL-2.0
/* Rule files: what is read, and that every mistake is told with its file and line. */
#include "support.h"

static struct cen_rules *load(struct machine *m, const char *text, int problems)
{
	struct cen_rules *rules = cen_rules_new();

	assert_non_null(rules);
	machine_write(m, "rules/a.conf", text);
	assert_int_equal(cen_rules_load_dir(rules, m->roots.rules), problems);
	assert_int_equal(cen_rules_problem_count(rules), problems);
	return rules;
}

static void rules_are_read(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules = load(m, "# a comment\n"
				       "; another\n"
				       "[platform:vivid.0]\n"
				       "max-segments = 1\n"
				       "   address-bits=30 ; indented, and a comment behind\n"
				       "\n"
				       "[pci:0000:00:04.0]\n"
				       "banks = 0 2\n"
				       "non-coherent = yes\n", 0);

	assert_int_equal(cen_rules_count(rules), 2);
	assert_string_equal(cen_rules_name(rules, 0), "platform:vivid.0");
	assert_int_equal(cen_rules_limits(rules, 0)->max_segs, 1);
	assert_int_equal(cen_rules_limits(rules, 0)->addr_max, (1 << 30) - 1);
	assert_contains(cen_rules_origin(rules, 0), "/a.conf:3");
	assert_int_equal(cen_rules_limits(rules, 1)->banks, 5);
	assert_int_equal(cen_rules_limits(rules, 1)->flags, CEN_LIMIT_NONCOHERENT);
	assert_null(cen_rules_name(rules, 2));
	assert_null(cen_rules_limits(rules, 2));
	assert_null(cen_rules_origin(rules, 2));
	cen_rules_free(rules);
}

static void long_names_are_not_cut(void **state)
{
	static const char name[] = "platform:0123456789012345678901234567890123456789012345678.x";
	struct cen_rules *rules;
	char text[128];

	assert_true(strlen(name) > 50 && strlen(name) < CEN_NAME_LEN);
	snprintf(text, sizeof(text), "[%s]\nmax-segments=1\n", name);
	rules = load(*state, text, 0);
	assert_string_equal(cen_rules_name(rules, 0), name);
	cen_rules_free(rules);
}

static void files_add_up(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules;

	machine_write(m, "rules/b.conf", "[platform:cam]\nmax-segments=2\naddress-bits=32\n");
	machine_write(m, "rules/c.conf.bak", "[platform:bak]\nmax-segments=2\n");
	machine_write(m, "rules/.hidden.conf", "[platform:hidden]\nmax-segments=2\n");
	rules = load(m, "[platform:cam]\nmax-segments=4\nalignment=64K\n", 0);
	assert_int_equal(cen_rules_count(rules), 1);
	assert_int_equal(cen_rules_limits(rules, 0)->max_segs, 2);
	assert_int_equal(cen_rules_limits(rules, 0)->align, 64 * KIB);
	assert_int_equal(cen_rules_limits(rules, 0)->addr_max, UINT32_MAX);
	assert_contains(cen_rules_origin(rules, 0), "/a.conf:1");
	cen_rules_free(rules);
}

static void contradictions_are_told(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules;

	machine_write(m, "rules/b.conf", "\n[platform:cam]\nbanks=2\n");
	rules = load(m, "[platform:cam]\nbanks=1\n", 1);
	assert_int_equal(cen_rules_count(rules), 1);
	assert_int_equal(cen_rules_limits(rules, 0)->banks, 2);
	assert_contains(cen_rules_problem(rules, 0), "/b.conf:2: ");
	assert_contains(cen_rules_problem(rules, 0), "/a.conf:1");
	assert_null(cen_rules_problem(rules, 1));
	cen_rules_free(rules);
}

static void a_mistake_is_told(struct machine *m, const char *text, unsigned int line,
			      const char *said)
{
	struct cen_rules *rules = load(m, text, 1);
	char where[32];

	snprintf(where, sizeof(where), "/a.conf:%u: ", line);
	assert_contains(cen_rules_problem(rules, 0), where);
	assert_contains(cen_rules_problem(rules, 0), said);
	/* the section with the mistake is out, one without it stays */
	assert_int_equal(cen_rules_count(rules), 1);
	assert_string_equal(cen_rules_name(rules, 0), "platform:good");
	cen_rules_free(rules);
}

static void mistakes_are_told_with_their_line(void **state)
{
#define GOOD "[platform:good]\nmax-segments=1\n"
	struct machine *m = *state;
	char text[512];

	a_mistake_is_told(m, GOOD "[platform:cam]\nmax-segments = lots\n", 4, "is accepted");
	a_mistake_is_told(m, GOOD "[platform:cam]\ncolour = red\n", 4, "unknown limit 'colour'");
	a_mistake_is_told(m, GOOD "[platform:cam]\nalignment=48K\n", 4, "power of two");
	a_mistake_is_told(m, GOOD "[platform:cam]\nbanks=1\nbanks=2\n", 5, "given twice");
	a_mistake_is_told(m, GOOD "[platform:cam]\nbanks=1\n  banks=2\n", 5, "given twice");
	a_mistake_is_told(m, GOOD "[platform:cam]\n", 3, "limits nothing");
	a_mistake_is_told(m, "max-segments=1\n" GOOD, 1, "before the first");
	a_mistake_is_told(m, GOOD "[cam]\nmax-segments=1\n", 3, "is no device");
	a_mistake_is_told(m, GOOD "[:cam]\nmax-segments=1\n", 3, "is no device");
	a_mistake_is_told(m, GOOD "[platform:]\nmax-segments=1\n", 3, "is no device");
	a_mistake_is_told(m, GOOD "[platform:a b]\nmax-segments=1\n", 3, "is no device");
	a_mistake_is_told(m, GOOD "[platform:../x]\nmax-segments=1\n", 3, "is no device");
	a_mistake_is_told(m, GOOD "[platform:cam\nmax-segments=1\n", 3, "not closed");
	a_mistake_is_told(m, GOOD "[platform:cam]\nmax-segments\n", 4, "not understood");
	a_mistake_is_told(m, GOOD "[platform:cam]\n= 1\n", 4, "unknown limit ''");
	snprintf(text, sizeof(text), GOOD "[platform:%060d]\nmax-segments=1\n", 0);
	a_mistake_is_told(m, text, 3, "at most 63");
	snprintf(text, sizeof(text), GOOD "[platform:cam]\nmax-segments=%0250d\n", 1);
	a_mistake_is_told(m, text, 4, "at most 199");
}

static void all_mistakes_are_told(void **state)
{
	struct cen_rules *rules = load(*state, "[platform:a]\nalignment=3\naddress-bits=99\n"
				       "[b]\nbanks=0\n", 3);

	assert_int_equal(cen_rules_count(rules), 0);
	assert_contains(cen_rules_problem(rules, 0), ":2: ");
	assert_contains(cen_rules_problem(rules, 1), ":3: ");
	assert_contains(cen_rules_problem(rules, 2), ":4: ");
	cen_rules_free(rules);
}

static void a_binary_file_is_no_rule(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules = cen_rules_new();
	FILE *file = fopen(machine_path(m, "rules/x.conf"), "w");

	assert_non_null(file);
	fwrite("[platform:a]\nmax\0-segments=1\n", 1, 29, file);
	fclose(file);
	assert_true(cen_rules_load_dir(rules, m->roots.rules) > 0);
	assert_contains(cen_rules_problem(rules, 0), "x.conf:2: a NUL byte");
	assert_int_equal(cen_rules_count(rules), 0);
	cen_rules_free(rules);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules = cen_rules_new();

	assert_failed(cen_rules_load_file(rules, "/no/such.conf"), ENOENT, "/no/such.conf");
	assert_failed(cen_rules_load_dir(rules, "/no/such"), ENOENT, "/no/such");
	machine_dir(m, "rules/dir.conf");
	assert_failed(cen_rules_load_dir(rules, m->roots.rules), EISDIR, "dir.conf");
	assert_int_equal(cen_rules_count(rules), 0);
	cen_rules_free(rules);
}

static void an_empty_directory_is_fine(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules = cen_rules_new();

	assert_int_equal(cen_rules_load_dir(rules, m->roots.rules), 0);
	assert_int_equal(cen_rules_count(rules), 0);
	cen_rules_free(rules);
}

#define on_machine(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_machine(rules_are_read),
		on_machine(long_names_are_not_cut),
		on_machine(files_add_up),
		on_machine(contradictions_are_told),
		on_machine(mistakes_are_told_with_their_line),
		on_machine(all_mistakes_are_told),
		on_machine(a_binary_file_is_no_rule),
		on_machine(what_cannot_be_read_is_an_error),
		on_machine(an_empty_directory_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
