"""Which paths of a repository can be ours."""

_FORBIDDEN = ("", ".", "..", ".git")


def check_prefix(prefix: str) -> str:
    """The folder of our files; ValueError with a sentence where it cannot be one."""
    if (fault := _fault(prefix)) is not None:
        raise ValueError(f"The folder {prefix!r} cannot hold our files: {fault}.")
    return prefix


def path_fault(path: str, prefix: str) -> str | None:
    """Why a file of ours cannot live at this path; None where it can."""
    if not path.startswith(f"{prefix}/"):
        return f"it is not under {prefix}/"
    if not path.endswith(".yaml"):
        return "it does not end in .yaml"
    return _fault(path)


def _fault(path: str) -> str | None:
    if path.startswith(("-", ":", '"')):
        return f"it begins with {path[0]!r}"
    if not path.isprintable() or "\\" in path:
        return "it holds control characters or backslashes"
    if any(part.lower() in _FORBIDDEN for part in path.split("/")):
        return "one of its parts is empty, '.', '..' or '.git'"
    return None
