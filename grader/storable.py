"""What JSON and UTF-8 have a word for: values and texts that may be anything become it."""

DEEPEST, LARGEST = 8, 2**63


def text(value: object) -> object:
    """Students' text may hold lone surrogates, which UTF-8 has not."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable(value: object, depth: int = 0) -> object:
    """A trace comes from the student's process and may be anything: whatever JSON has no word for becomes one."""
    if value is None or isinstance(value, (str, bool)):
        return text(value)
    if isinstance(value, (int, float)):
        return value if -LARGEST < value < LARGEST else None  # false for NaN too
    if isinstance(value, dict) and depth < DEEPEST:
        return {str(storable(key, DEEPEST)): storable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and depth < DEEPEST:
        return [storable(item, depth + 1) for item in value]
    return f"<{type(value).__name__}>"
