"""Quantities as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.units import Unit, format_measured, format_short_seconds, format_value, parse_value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("5ms", Unit.SECONDS, 0.005),
        ("52ms", Unit.SECONDS, 0.052),
        ("1.15us", Unit.SECONDS, 1.15e-6),
        ("3 µs", Unit.SECONDS, 3e-6),
        ("3 μs", Unit.SECONDS, 3e-6),
        ("1m30s", Unit.SECONDS, 90.0),
        ("1h 30m", Unit.SECONDS, 5400.0),
        ("2min", Unit.SECONDS, 120.0),
        ("12", Unit.SECONDS, 12.0),
        ("2GB", Unit.BYTES, 2e9),
        ("2 GiB", Unit.BYTES, 2.0 * (1 << 30)),
        ("100mb", Unit.BYTES, 1e8),
        ("1_000 kB", Unit.BYTES, 1e6),
        ("100MB/s", Unit.BYTES_PER_SECOND, 1e8),
        ("100MB", Unit.BYTES_PER_SECOND, 1e8),
        ("50%", Unit.PERCENT, 50.0),
        ("50 pct", Unit.PERCENT, 50.0),
        ("1k/s", Unit.PER_SECOND, 1000.0),
        ("1000", Unit.PER_SECOND, 1000.0),
        ("10k", Unit.COUNT, 10_000.0),
    ],
)
def test_a_quantity_is_read_in_base_units(text: str, unit: Unit, value: float) -> None:
    assert parse_value(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", Unit.SECONDS),
        (" ", Unit.SECONDS),
        ("-5ms", Unit.SECONDS),
        ("5 apples", Unit.SECONDS),
        ("5MB", Unit.SECONDS),
        ("5ms", Unit.BYTES),
        ("5s 5", Unit.SECONDS),
        ("5 5s", Unit.SECONDS),
        ("2GB2GB", Unit.BYTES),
        ("nan", Unit.SECONDS),
        ("inf", Unit.SECONDS),
        ("1e999", Unit.SECONDS),
        ("٣s", Unit.SECONDS),
        ("1,5s", Unit.SECONDS),
        ("9" * 100, Unit.COUNT),
        ("0x10", Unit.COUNT),
    ],
)
def test_what_is_no_quantity_is_refused(text: str, unit: Unit) -> None:
    with pytest.raises(ValueError, match="not a quantity; write it like"):
        parse_value(text, unit)


@given(st.text("0123456789.eE+-_ msuµhdkMGiB/%", max_size=30), st.sampled_from(Unit))
def test_any_text_is_a_finite_number_or_refused(text: str, unit: Unit) -> None:
    try:
        value = parse_value(text, unit)
    except ValueError:
        return
    assert 0 <= value < float("inf")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, Unit.SECONDS, "0 s"),
        (-4e-16, Unit.SECONDS, "0 s"),
        (2e-8, Unit.SECONDS, "0.02 µs"),
        (1.0, Unit.SAMPLES, "1 sample"),
        (0.0, Unit.SAMPLES, "0 samples"),
        (1.5, Unit.SAMPLES, "1.50 samples"),
    ],
)
def test_what_rounds_to_nothing_is_nothing_and_one_is_one(value: float, unit: Unit, text: str) -> None:
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2.3e-9, "2.30 ns"),
        (1.2e-10, "0.120 ns"),
        (999.4e-9, "999 ns"),
        (999.6e-9, "1.00 µs"),
        (1.15e-6, "1.15 µs"),
        (-2.3e-9, "-2.30 ns"),
        (0.0, "0 s"),
        (0.052, "52.0 ms"),
    ],
)
def test_operations_keep_their_nanoseconds(seconds: float, text: str) -> None:
    assert format_short_seconds(seconds) == format_measured(seconds, Unit.SECONDS) == text


@pytest.mark.parametrize("unit", Unit)
@given(value=st.floats(-1e300, 1e300))
def test_any_number_is_written_in_a_few_letters(unit: Unit, value: float) -> None:
    assert len(format_value(value, unit)) <= 24
    assert not format_value(-0.0, unit).startswith("-")
