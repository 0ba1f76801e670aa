"""Runs one program and ends it when nobody holds the other end of standard input any more.

    python -I -S watcher.py STOP_SIGNAL GRACE_S FOLDER UID:GID|- PROGRAM ARGUMENT...

Standard input is one end of a socket pair. "started PID" or "failed REASON" is written to it;
its end of file, which even kill -9 of our starter brings about, means stop. The exit code is the
program's own, or 128 + n where signal n ended it. This file runs alone: none of Crossfade and
little of the standard library (no dataclasses, no typing) keep it below 10 MB and 20 ms.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

LIFELINE = 0
NOT_STARTED = 127
SIGNALLED = 128
PR_SET_PDEATHSIG = 1
KILL_AGAIN_S = 0.1
CHUNK = 512


class Order:
    """What to run, where and as whom, and how to end it."""

    def __init__(self, arguments: list[str]) -> None:
        stop_signal, grace_s, self.folder, account, *self.program = arguments
        self.stop_signal = int(stop_signal)
        self.grace_s = float(grace_s)
        self.account = None if account == "-" else tuple(int(part) for part in account.split(":"))


def main(arguments: list[str]) -> int:
    """The exit code of the program, after it has ended for whatever reason."""
    order = Order(arguments)
    wake = wake_on_signals()
    try:
        pid = start(order)
    except OSError as error:
        say(f"failed {order.program[0]}: {error}")
        return NOT_STARTED
    say(f"started {pid}")
    code = until_it_ends_or_must(pid, wake)
    return end(pid, order, wake) if code is None else code


def wake_on_signals() -> int:
    """A descriptor that becomes readable with the number of each signal that arrives."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: None)
    return readable


def start(order: Order) -> int:
    """The pid of the program, running; OSError with the reason where it cannot run."""
    told, tell = os.pipe()  # closed by a successful exec, so that reading it then gives nothing
    pid = os.fork()
    if pid == 0:
        become(order, tell)
    os.close(tell)
    reason = os.read(told, CHUNK)
    os.close(told)
    if reason:
        os.waitpid(pid, 0)
        raise OSError(reason.decode())
    return pid


def become(order: Order, tell: int) -> None:
    """Turn this forked process into the program; does not return."""
    try:
        os.setpgid(0, 0)
        os.chdir(order.folder)
        drop_rights(order)
        die_with_watcher(order.stop_signal)
        forget_own_habits()
        os.execv(order.program[0], order.program)
    except OSError as error:
        os.write(tell, str(error).encode())
    finally:
        os._exit(NOT_STARTED)


def drop_rights(order: Order) -> None:
    """Become the account of the order, for good."""
    if order.account is not None:
        uid, gid = order.account
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def die_with_watcher(number: int) -> None:
    """Where Linux offers it, get the stop signal when even the watcher is killed."""
    if sys.platform == "linux":  # after dropping rights, which clears the setting
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def forget_own_habits() -> None:
    """Give the program an empty input, and the signals that Python ignores."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), LIFELINE)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def until_it_ends_or_must(pid: int, wake: int) -> int | None:
    """The exit code once the program has ended by itself; None once it must be ended."""
    while (code := exit_code(pid)) is None:
        ready, _, _ = select.select([LIFELINE, wake], [], [])
        if wake in ready and any(number != signal.SIGCHLD for number in os.read(wake, CHUNK)):
            return None
        if LIFELINE in ready and not heard():
            return None
    return code


def end(pid: int, order: Order, wake: int) -> int:
    """Ask the program and what it started to stop, and kill all when the grace time is over."""
    signal_all(pid, order.stop_signal)
    deadline = time.monotonic() + order.grace_s
    while (code := exit_code(pid)) is None:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            signal_all(pid, signal.SIGKILL)
            left_s = KILL_AGAIN_S
        if select.select([wake], [], [], left_s)[0]:
            os.read(wake, CHUNK)
    return code


def signal_all(pid: int, number: int) -> None:
    """Signal the program's process group."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # the program has left the group that we gave it
        os.kill(pid, number)
    except PermissionError:  # macOS, where nothing is left of it but a zombie
        return


def exit_code(pid: int) -> int | None:
    """The program's exit code; None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        return None
    code = os.waitstatus_to_exitcode(status)
    return SIGNALLED - code if code < 0 else code


def heard() -> bytes:
    """What came down the lifeline; nothing once its other end is gone."""
    with contextlib.suppress(ConnectionError):
        return os.read(LIFELINE, CHUNK)
    return b""


def say(word: str) -> None:
    """Tell our starter, if it is still there."""
    with contextlib.suppress(OSError):
        os.write(LIFELINE, f"{word}\n".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
