from __future__ import annotations

import pytest

from perftui.analysis.function_bodies import bodies_of, renamed_bodies

JOB = """
class Job:
    def run(self, items):
        \"\"\"Do it.\"\"\"
        total = 0
        for item in items:
            total += self.cost(item) * 2
        return total if total > 0 else self.run(items[1:])

    def cost(self, item):
        return item.cost

def outer():
    def inner(x):
        values = [x * y + 1 for y in range(x)]
        return sum(values) / len(values)
    return inner
"""


def test_a_body_is_told_whatever_its_name_docstring_place_and_calls_of_itself() -> None:
    renamed = JOB.replace("run(", "work(").replace("Do it.", "Do it well.").replace("outer", "made")
    before, after = bodies_of(JOB), bodies_of("import os\n\n" + renamed)
    assert before["Job.run"] == after["Job.work"] != ""
    assert before["outer.<locals>.inner"] == after["made.<locals>.inner"] != ""
    assert bodies_of(JOB.replace("* 2", "* 3"))["Job.run"] != before["Job.run"]
    assert before["Job.cost"] == "", "too short to tell it from others"


def test_functions_below_conditions_are_found_and_a_setter_counts_with_its_property() -> None:
    source = "try:\n    import x\nexcept ImportError:\n    def f(a): pass\nelse:\n    def g(a): pass\n"
    assert set(bodies_of(source)) == {"f", "g"}
    both = "class A:\n    @property\n    def x(self): return self.y\n    @x.setter\n    def x(self, v): self.y = v\n"
    assert set(bodies_of(both)) == {"A.x"}


@pytest.mark.parametrize("text", ["def f(:", "(" * 5_000, "x = 1\0", "-" * 100_000 + "1"])
def test_what_is_no_python_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no Python"):
        bodies_of(text)


def test_a_function_that_the_other_source_defines_too_was_not_renamed() -> None:
    left = frozenset({("a.py", "old"), ("a.py", "kept"), ("a.py", "short")}), frozenset({("a.py", "new")})
    before = {"a.py": {"old": "1", "kept": "1", "short": ""}}
    found = renamed_bodies(before, {"a.py": {"new": "1", "kept": "1"}}, left)
    assert found == ({("a.py", "old"): "1"}, {("a.py", "new"): "1"})
