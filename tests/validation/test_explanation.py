"""Taking a rule's docstring apart."""

from policyconsole.validation.explanation import Explanation, explain


def test_every_part() -> None:
    explanation = explain(
        """The door is open.

        Whoever passes may
        come in.

        And does.

        Example:
            [door]
            open = true

        Fix: Close
        it.

        Source: The report.
        """
    )

    assert explanation == Explanation(
        what="The door is open.",
        why="Whoever passes may come in. And does.",
        example="[door]\nopen = true",
        fix="Close it.",
        source="The report.",
    )


def test_a_what_of_two_lines() -> None:
    assert explain("The door\n    is open.").what == "The door is open."


def test_parts_that_are_not_there_are_empty() -> None:
    assert explain("The door is open.\n\nFix: Close it.") == Explanation(
        what="The door is open.", fix="Close it."
    )
    assert explain("") == Explanation()


def test_a_word_that_only_looks_like_a_heading() -> None:
    assert explain("What.\n\nSource:code is not a heading.").why == "Source:code is not a heading."
