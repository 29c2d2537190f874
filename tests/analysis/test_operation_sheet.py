from __future__ import annotations

import pytest
from measured import operation, suite

from perftui.analysis.operation_sheet import GroupLine, OperationLine, OperationSheet, SortOperations
from perftui.errors import UsageError
from perftui.model.operation import Operation
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit


def told(sheet: OperationSheet, **how: object) -> list[str]:
    """The lines of a sheet as a person would write them down."""
    found = []
    for line in sheet.lines(**how):  # type: ignore[arg-type]
        if isinstance(line, GroupLine):
            found.append(f"{line.title} ({line.count}){'' if line.is_open else ' closed'}")
        else:
            side = "  baseline" if line.of_baseline and not line.alone else f"  {line.key}"
            found.append(f"{side}{' alone' if line.alone else ''}")
    return found


def of(*values: float, name: str = "a", group: str = "g", unit: Unit = Unit.SECONDS) -> Operation:
    return Operation(group, name, runs=(values,), unit=unit)


def test_operations_stand_in_groups_in_the_order_of_measuring() -> None:
    sheet = OperationSheet([of(1.0, name="b"), of(1.0, group=""), of(1.0, name="a")])
    assert told(sheet) == ["g (2)", "  g.b", "  g.a", "operations (1)", "  a"]
    assert told(sheet, closed={"g"}) == ["g (2) closed", "operations (1)", "  a"]


def test_a_group_of_two_units_is_two_because_its_values_have_an_axis_in_common() -> None:
    sheet = OperationSheet([of(1.0), of(3.0, name="size", unit=Unit.BYTES)])
    assert told(sheet) == ["g · s (1)", "  g.a", "g · bytes (1)", "  g.size"]
    assert sheet.unit("g · bytes") is Unit.BYTES


def test_the_baseline_stands_below_its_operation_and_what_is_on_one_side_alone() -> None:
    sheet = OperationSheet([of(1.0), of(2.0, name="new")], {"g.a": of(2.0), "g.gone": of(1.0, name="gone")})
    assert told(sheet) == ["g (3)", "  g.a", "  baseline", "  g.new alone", "  g.gone alone"]
    assert sheet.worsening("g.a") == pytest.approx(-0.5)
    assert sheet.worsening("g.new") is None


def test_worse_is_above_zero_whichever_way_a_value_is_better() -> None:
    rate = of(200.0, unit=Unit.PER_SECOND)
    assert OperationSheet([rate], {"g.a": of(100.0, unit=Unit.PER_SECOND)}).worsening("g.a") == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        (SortOperations.NAME, "memory.batch_set[100]"),
        (SortOperations.MEAN, "memory.batch_set[100]"),
        (SortOperations.SPREAD, "memory.recall"),
        (SortOperations.CHANGE, "memory.recall"),
    ],
)
def test_each_order_has_its_greatest_first(sort: SortOperations, first: str) -> None:
    baseline = {each.key: each for each in suite(slower=0.8)}
    lines = OperationSheet(suite(), baseline).lines(sort=sort)
    assert next(line.key for line in lines if isinstance(line, OperationLine)) == first


def test_names_are_sorted_with_their_numbers_by_value() -> None:
    sheet = OperationSheet([operation("build", 0.1, parameter=size) for size in ("100", "9", "10")])
    lines = sheet.lines(sort=SortOperations.NAME)
    assert [line.key for line in lines if isinstance(line, OperationLine)] == [
        "memory.build[9]",
        "memory.build[10]",
        "memory.build[100]",
    ]


def test_a_filter_leaves_what_its_expression_finds_and_opens_groups() -> None:
    sheet = OperationSheet(suite())
    assert told(sheet, pattern="dag.100", closed={"scheduler"}) == [
        "scheduler (3)",
        "  scheduler.build_dag[100]",
        "  scheduler.build_dag[1000]",
        "  scheduler.build_dag[10000]",
    ]
    with pytest.raises(UsageError, match="not a regular expression"):
        sheet.lines(pattern="(")


def test_a_large_sheet_is_worked_out_in_steps_what_is_seen_first() -> None:
    operations = [of(*range(1, 3_001), name=f"op{i}") for i in range(10)]
    sheet = OperationSheet(operations)
    assert not sheet.is_complete
    assert sheet.known("g.op7") is None
    work = sheet.work(["g.op7"])
    while sheet.known("g.op7") is None:
        next(work)
    assert [key for key in sheet.keys if sheet.known(key)] == ["g.op7"]
    now = sheet.now("g.op3")
    assert now is not None
    assert now.value("median") == 1500.5
    for _ in work:
        pass
    assert sheet.is_complete


def test_a_group_has_one_axis_for_both_sides() -> None:
    axis = OperationSheet([of(1.0, 2.0)], {"g.a": of(0.5, 1.5)}).axis("g")
    assert axis is not None
    assert (axis.low, axis.high) == (0.5, 2.0)
    assert OperationSheet([Operation("g", "a")]).axis("g") is None


def test_what_a_tool_told_alone_has_a_place_and_no_values() -> None:
    sheet = OperationSheet(suite())
    side = sheet.known("trait.concrete_call")
    assert side is not None
    assert side.told
    assert side.box is not None
    assert side.box.median == 1.15e-6
    assert side.spread == pytest.approx(1.2e-8 / 1.15e-6)


def test_how_an_operation_grows_is_told_of_all_its_sizes() -> None:
    sheet = OperationSheet(suite())
    growth = sheet.growth("scheduler.build_dag[100]")
    assert growth is not None
    assert [point.size for point in growth.points] == [10, 100, 1_000, 10_000]
    assert growth.words == "about linear"
    assert sheet.growth("memory.recall") is None
    assert sheet.growth("scheduler.topological_sort[1000]") is None


def test_the_limits_of_a_budget_widen_the_axis_of_their_group_once() -> None:
    rule = RuleVerdict("operations.g.a.p95_s", "a", "p95_s", Unit.SECONDS, 1.0, None, 2.5, Verdict.PASS)
    sheet = OperationSheet([of(1.0, 2.0), of(1.5, name="b")])
    sheet.judge([rule])
    known = sheet.version
    axis = sheet.axis("g")
    assert axis is not None
    assert axis.high == 2.5
    assert [limit.value for limit in sheet.limits("g.a")] == [2.5]
    assert sheet.limits("g.b") == []
    sheet.judge([rule])
    assert sheet.version == known
    lines = sheet.lines(sort=SortOperations.VERDICT)
    assert next(line.key for line in lines if isinstance(line, OperationLine)) == "g.a"
