"""The last step before cells: no way to JavaScript, no way to end the process, nothing shared with other sessions."""

import builtins
import gc
import os
import posix
import random
import sandbox_cells
import sandbox_channel
import sandbox_display
import sandbox_event_loop
import sandbox_net
import sandbox_pyodide_http
import sandbox_streams
import sys

ENVIRONMENT = {"HOME": "/home/user", "LANG": "C.UTF-8", "TZ": "UTC", "USER": "user"}

# Modules that hold JavaScript objects, or functions that make them.
JAVASCRIPT_MODULES = ("js", "pyodide_js", "_pyodide_core", "_pyodide", "pyodide")

ENOSYS = 52


def _no_processes(*args, **kwargs):
    raise OSError(ENOSYS, "the sandbox has no processes")


def _exit(status=0):
    raise SystemExit(status)


def _abort():
    raise SystemExit(134)


def _no_input(prompt=""):
    # No EOFError: debuggers and consoles would take it for the end of a talk.
    raise OSError("There is no input here: nobody can answer while a cell runs")


def _forbid_processes():
    for module in (os, posix):
        for name in ("system", "popen", "fork", "forkpty", "execv", "execve", "posix_spawn", "posix_spawnp"):
            if hasattr(module, name):
                setattr(module, name, _no_processes)
        module._exit = _exit
        module.abort = _abort
        module.kill = _no_processes


def _hide_javascript():
    for name in list(sys.modules):
        if name.split(".")[0] in JAVASCRIPT_MODULES or name.startswith("sandbox_"):
            del sys.modules[name]
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "_pyodide._importhook"]


def _set_environment():
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    os.makedirs(ENVIRONMENT["HOME"], exist_ok=True)
    os.chdir(ENVIRONMENT["HOME"])
    sys.path[:] = [path for path in sys.path if path]
    sys.argv = [""]


# Compiles and raises through all of the harness, so that the first real cell is not the slow one.
WARM_UP = "import traceback\nprint(end='')\nraise KeyboardInterrupt"


def start(max_chars, net=False):
    """Makes the interpreter a session, and gives the function that runs its cells."""
    sandbox_channel.open_device()
    sandbox_streams.install()
    sandbox_event_loop.patch_sleep()
    sandbox_event_loop.install()
    builtins.CALL_API = sandbox_channel.CALL_API
    builtins.display = sandbox_display.display
    builtins.input = _no_input
    _forbid_processes()
    _set_environment()
    health = sandbox_cells.Cells(max_chars).run(WARM_UP)
    if '"name":"KeyboardInterrupt"' not in health:
        raise RuntimeError(health)
    cells = sandbox_cells.Cells(max_chars)
    _hide_javascript()
    if net:
        sandbox_net.install()
        sandbox_pyodide_http.install()
    random.seed()
    gc.collect()
    return cells.run
