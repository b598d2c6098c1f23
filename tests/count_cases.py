"""Prints "passed failed skipped": the test cases of the given test.xml files."""

import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    """What became of one <testcase>."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    result = case.get("result")
    if case.find("skipped") is not None or result in ("skipped", "suppressed"):
        return "skipped"
    return "passed"


def main(paths):
    """Counts over all files; one that is broken is a failed case."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        try:
            cases = list(ElementTree.parse(path).getroot().iter("testcase"))
        except ElementTree.ParseError:
            cases = []
        if not cases:
            counts["failed"] += 1
        for case in cases:
            counts[outcome(case)] += 1
    print(counts["passed"], counts["failed"], counts["skipped"])


main(sys.argv[1:])
