"""The picture of a demonstration's timeline."""

from zisk.cli.demo.timeline import Span, timeline_lines


def test_each_worker_has_a_row_and_each_phase_a_mark() -> None:
    spans = [
        Span("worker-1", "contributions", 0.0, 2.0),
        Span("worker-2", "contributions", 0.0, 1.0),
        Span("worker-1", "prove", 2.0, 6.0),
        Span("worker-2", "prove", 2.0, 8.0),
        Span("worker-1", "fold", 6.0, 7.0),
        Span("worker-1", "final proof", 8.0, 10.0),
    ]
    assert timeline_lines(spans, width=20) == [
        "          0 s           10.0 s",
        "worker-1  ----========++  ####",
        "worker-2  --  ============",
        "          --- contributions   === prove   +++ fold   ### final proof",
        "",
        "worker-1  contributions 2.0 s, prove 4.0 s, fold 1.0 s, final proof 2.0 s",
        "worker-2  contributions 1.0 s, prove 6.0 s",
    ]


def test_a_span_too_short_to_see_has_one_character() -> None:
    spans = [Span("w", "prove", 0.0, 10.0), Span("w", "fold", 10.0, 10.001)]
    assert timeline_lines(spans, width=10)[1] == "w  =========+"


def test_no_spans_make_no_picture() -> None:
    assert timeline_lines([]) == []
