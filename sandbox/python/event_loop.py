"""An asyncio event loop that runs inside a cell and waits on the sandbox's own sleep.

There are no sockets or threads to wait for, so a loop that has nothing scheduled can never go on: it says so.
Tasks that a cell leaves behind go on when a later cell awaits something.
"""

import asyncio
import sandbox_channel
import time


class _Selector:
    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("deadlock: every task waits for something that can never happen")
        if timeout > 0:
            time.sleep(timeout)
        return []

    def close(self):
        pass


class SandboxEventLoop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = _Selector()

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass

    def run_in_executor(self, executor, func, *args):
        """Calls `func` at once: there are no threads here."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class _Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    _loop_factory = SandboxEventLoop


_loop = None

# Own names: a cell may replace those of the module.
_set_running_loop = asyncio.events._set_running_loop
_set_event_loop = asyncio.events.set_event_loop
_on_done = asyncio.base_events._run_until_complete_cb


def install():
    """Makes this loop the one that asyncio creates."""
    asyncio.run = asyncio.runners.run
    asyncio.events._set_event_loop_policy(_Policy())
    repair()


def repair():
    """Makes a new loop where a cell closed the session's, and ends a run that an interrupt left half ended."""
    global _loop
    _set_running_loop(None)
    if _loop is not None:
        _end_run()
    if _loop is None or _loop.is_closed():
        _loop = SandboxEventLoop()
        _set_event_loop(_loop)


def _end_run():
    if _loop.is_running() or _loop._stopping:
        _loop._run_forever_cleanup()


def run(coroutine):
    """Runs a cell's coroutine to its end on the session's loop."""
    task = None
    try:
        task = _loop.create_task(coroutine)
        return _loop.run_until_complete(task)
    except BaseException:
        if task is None:
            coroutine.close()
        elif not task.done():
            _cancel(task)
        raise


def _cancel(task):
    task.remove_done_callback(_on_done)  # it would stop the loop of a later cell, as would what stops it here
    task.cancel()
    _end_run()
    for _ in range(3):
        stop = _loop.call_soon(_loop.stop)
        try:
            _loop.run_forever()
        except BaseException:
            pass  # a task ends with the interrupt that another one was given: the cell ends with it anyway
        finally:
            stop.cancel()
        if task.done():
            break
    if task.done() and not task.cancelled():
        task.exception()


def patch_sleep():
    """Makes `time.sleep` wait without burning the processor, and end on an interrupt."""

    def sleep(seconds):
        seconds = float(seconds)
        if not seconds >= 0:
            raise ValueError("sleep length must be non-negative")
        sandbox_channel.sleep(seconds)

    time.sleep = sleep
