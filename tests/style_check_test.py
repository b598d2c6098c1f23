#!/usr/bin/env python3
"""Each rule of tests/style_check finds what breaks it, and nothing else."""

import os
import subprocess
import sys
import tempfile
import unittest

STYLE_CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           "style_check")
GOOD_HEADER = "#ifndef VERSO_COMMON_A_H_\n#define VERSO_COMMON_A_H_\n#endif\n"


class StyleCheckTest(unittest.TestCase):

    def check(self, files):
        """Exit code and lines for a repository of these files."""
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["git", "-C", root, "init", "-q"], check=True)
            for path, text in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            subprocess.run(["git", "-C", root, "add", "."], check=True)
            result = subprocess.run(
                [sys.executable, STYLE_CHECK, "--root", root], text=True,
                stdout=subprocess.PIPE)
        return result.returncode, result.stdout.splitlines()[:-1]

    def assert_only(self, rule, files):
        code, lines = self.check({"common/README.md": "", **files})
        self.assertEqual(code, 1)
        self.assertEqual([line.split()[-1] for line in lines], [f"[{rule}]"])

    def test_accepts_what_keeps_the_rules(self):
        code, lines = self.check({
            "common/README.md": "# common\n",
            "common/a.h": GOOD_HEADER,
            "common/a.cc": '#include "common/a.h"\nint F() {\n  return 1;\n}\n',
        })
        self.assertEqual((code, lines), (0, []))

    def test_finds_a_long_line(self):
        self.assert_only("columns", {"common/a.cc": "// " + "x" * 78 + "\n"})

    def test_takes_long_lines_of_raw_strings_and_urls(self):
        text = 'auto a = R"(\n' + "x" * 90 + '\n)";\n// http://' + "x" * 80
        self.assertEqual(
            self.check({"common/README.md": "", "common/a.cc": text})[0], 0)

    def test_finds_a_long_file(self):
        self.assert_only("length", {"common/a.cc": "// x\n" * 501})
        self.assert_only("length", {"common/a.h": GOOD_HEADER + "//\n" * 298})
        self.assert_only("length", {"tests/common/a.cc": "// x\n" * 701})

    def test_finds_a_long_function(self):
        body = "  Call();\n" * 59
        text = f"int F(int a,\n      int b) {{\n{body}}}\n"
        self.assert_only("function", {"common/a.cc": text})

    def test_finds_a_long_test_case(self):
        body = "  Call();\n" * 39
        self.assert_only("function",
                         {"tests/common/a.cc": f"TEST(A, B) {{\n{body}}}\n"})

    def test_a_class_or_a_table_is_no_function(self):
        body = "  int a;\n" * 70
        text = (f"class A {{\n{body}}};\n\n"
                f"constexpr int kTable[] = {{\n{body}}};\n\nint F() {{\n}}\n")
        self.assertEqual(
            self.check({"common/README.md": "", "common/a.cc": text})[0], 0)

    def test_finds_a_wrong_guard(self):
        self.assert_only("guard", {"common/b.h": GOOD_HEADER})

    def test_finds_a_forbidden_edge(self):
        self.assert_only("edge", {
            "common/a.cc": '#include "trainer/network.h"\n'})

    def test_finds_folders_that_include_each_other(self):
        self.assert_only("cycle", {
            "common/x/README.md": "",
            "common/a.cc": '#include "common/x/b.h"\n',
            "common/x/b.cc": '#include "common/a.h"\n'})

    def test_finds_a_cycle_of_three_folders(self):
        files = {f"common/{name}/README.md": "" for name in "xyz"}
        for one, two in ("xy", "yz", "zx"):
            files[f"common/{one}/a.cc"] = f'#include "common/{two}/a.h"\n'
        code, lines = self.check(files)
        self.assertEqual(code, 1)
        self.assertTrue(all(line.endswith("[cycle]") for line in lines), lines)

    def test_finds_a_missing_readme(self):
        self.assert_only("readme", {"common/x/a.cc": ""})

    def test_finds_a_full_folder(self):
        self.assert_only("folder",
                         {f"common/a{i}.cc": "" for i in range(31)})

    def test_an_exception_needs_a_reason_and_a_violation(self):
        long_line = {"common/README.md": "",
                     "common/a.cc": "// " + "x" * 78 + "\n"}
        listed = "tests/style_exceptions.txt"
        self.assertEqual(self.check(
            {**long_line, listed: "columns common/a.cc a table\n"})[0], 0)
        self.assertEqual(self.check(
            {**long_line, listed: "columns common/a.cc\n"})[0], 1)
        self.assert_only("exception",
                         {listed: "columns common/a.cc a table\n"})


if __name__ == "__main__":
    unittest.main()
