"""What is logged can be logged: structlog calls the sentence `event` itself, and raises when it is told another."""

import ast
from pathlib import Path

import eventhub


def test_no_log_call_gives_the_word_that_names_its_sentence() -> None:
    package = Path(eventhub.__file__).parent
    wrong = [
        f"{file.relative_to(package)}:{call.lineno}"
        for file in sorted(package.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "log"
        and any(word.arg == "event" for word in call.keywords)
    ]

    assert wrong == []
