"""A strict reader of the Prometheus text format."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
VALUE = r"[-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf|NaN)"
SAMPLE = re.compile(rf"^({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*,?)?\}})? ({VALUE})(?: -?[0-9]+)?$")
COMMENT = re.compile(rf"^# (?:HELP {NAME} .*|TYPE {NAME} (?:counter|gauge|histogram|summary|untyped))$")


def parse(text: str) -> dict[str, float]:
    """Sample values by name and labels; any line that is not of the format is an error."""
    assert text.endswith("\n"), "the last line must end with a line feed"
    samples = {}
    for line in text.splitlines():
        if not line or COMMENT.match(line):
            continue
        match = SAMPLE.match(line)
        assert match, f"not a Prometheus sample: {line!r}"
        key = f"{match[1]}{{{match[2] or ''}}}"
        assert key not in samples, f"twice: {key}"
        samples[key] = float(match[3])
    return samples
