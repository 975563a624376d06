"""Runs cells one after the other in one `__main__`, as a notebook does."""

import _json
import _signal
import ast
import builtins
import gc
import inspect
import linecache
import sandbox_channel
import sandbox_display
import sandbox_event_loop
import sandbox_streams
import sys
import traceback
import types

# Files that a traceback leaves out: those of the harness, of the interpreter, of packages.
LIBRARIES = ("<sandbox>", "<frozen ", "/lib/", "/usr/lib/")
HEAD_FRAMES = 5
TAIL_FRAMES = 15
HEALTH_BYTES = 16 * 1024 * 1024

# Own names: a cell may replace those of the modules. (Built-in functions are the harness's own anyway.)
_quote = _json.encode_basestring_ascii
_Expr = ast.Expr
_Expression = ast.Expression
_TracebackException = traceback.TracebackException
_set_signal = _signal.signal
_SIGINT = _signal.SIGINT
_collect = gc.collect
_modules = sys.modules
_cache = linecache.cache
_slice_text = str.__getitem__
_ALL = slice(None)

_PARSE = ast.PyCF_ONLY_AST
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_COROUTINE = inspect.CO_COROUTINE


def _on_interrupt(number, frame):
    # The cell may be about to be killed.
    sandbox_channel.flush()
    raise KeyboardInterrupt


def _to_json(report):
    # The json module needs built-in functions that a cell may have replaced.
    if report is True:
        return "true"
    if isinstance(report, str):
        return _quote(report)
    return "{" + ",".join([_quote(key) + ":" + _to_json(value) for key, value in report.items()]) + "}"


def _has_memory():
    """Whether cells can still be expected to work after one has run out of memory."""
    _collect()
    try:
        bytearray(HEALTH_BYTES)
    except MemoryError:
        return False
    return True


def _text(get, otherwise):
    """An exact string, whatever the object does."""
    try:
        return _slice_text(get(), _ALL)
    except BaseException:
        return otherwise


class Cells:
    """The session's namespace and its count of cells."""

    def __init__(self, max_chars):
        self.max_chars = max_chars
        self.count = 0
        main = types.ModuleType("__main__")
        main.__builtins__ = builtins
        _modules["__main__"] = main
        self.names = main.__dict__

    def run(self, code):
        """Runs one cell; its report as JSON. `broken`: the session is of no more use."""
        report = {}
        in_code = False
        try:
            try:
                _set_signal(_SIGINT, _on_interrupt)
                sandbox_streams.repair()
                sandbox_event_loop.repair()
                in_code = True
                value = self._execute(code)
                if value is not None:
                    self._give(value, report)
            finally:
                sandbox_streams.flush()
        except MemoryError as error:
            report = {"error": self._describe(error), "outOfMemory": True}
            error.__traceback__ = None
            if not _has_memory():
                report["broken"] = "memory"
        except BaseException as error:
            report = {"error": self._describe(error)}
            if not in_code and not isinstance(error, KeyboardInterrupt):
                report["broken"] = "crash"
        if not sandbox_channel.is_open():
            report["broken"] = "crash"
        return _to_json(report)

    def _execute(self, code):
        self.count += 1
        self.names["__builtins__"] = builtins
        name = f"<cell {self.count}>"
        _cache[name] = (len(code), None, code.splitlines(True), name)
        tree = compile(code, name, "exec", _PARSE, True)
        last = None
        if tree.body and isinstance(tree.body[-1], _Expr):
            last = _Expression(tree.body.pop().value)
        parts = [compile(tree, name, "exec", _AWAIT, True)]
        if last is not None:
            parts.append(compile(last, name, "eval", _AWAIT, True))
        if any([part.co_flags & _COROUTINE for part in parts]):
            return sandbox_event_loop.run(self._evaluate_async(parts))
        value = None
        for part in parts:
            value = eval(part, self.names)
        return value

    async def _evaluate_async(self, parts):
        value = None
        for part in parts:
            value = eval(part, self.names)
            if part.co_flags & _COROUTINE:
                value = await value
        return value

    def _give(self, value, report):
        builtins._ = value
        text = _slice_text(repr(value), _ALL)
        bundle = sandbox_display.rich(value)
        if bundle:
            bundle.setdefault("text/plain", text)
            sandbox_display.show(bundle)
        report["value"] = text[: self.max_chars + 1]

    def _describe(self, error):
        interrupted = False

        def read():
            nonlocal interrupted
            try:
                return str(error)
            except KeyboardInterrupt:
                interrupted = True
                raise

        name = _text(lambda: type(error).__name__, "Exception")
        message = _text(read, "<exception str() failed>")
        try:
            if interrupted:
                raise KeyboardInterrupt  # a traceback would read it again, and nothing would end that
            shown = _TracebackException(type(error), error, error.__traceback__, compact=True)
            _hide_libraries(shown, set())
            text = "".join(shown.format())
        except BaseException:
            text = f"{name}: {message}\n" if message else f"{name}\n"
        return {
            "name": name,
            "message": message[: self.max_chars + 1],
            "traceback": text[: self.max_chars + 1],
        }


def _hide_libraries(shown, seen):
    """Leaves out the frames that are not the cells' own, and the middle of a long stack."""
    if shown is None or id(shown) in seen:
        return
    seen.add(id(shown))
    frames = [frame for frame in shown.stack if not frame.filename.startswith(LIBRARIES)]
    if len(frames) > HEAD_FRAMES + TAIL_FRAMES:
        frames = frames[:HEAD_FRAMES] + frames[-TAIL_FRAMES:]
    shown.stack[:] = frames
    _hide_libraries(shown.__cause__, seen)
    _hide_libraries(shown.__context__, seen)
    for inner in shown.exceptions or ():
        _hide_libraries(inner, seen)
