"""Standard output and error that outlive what a cell does to them."""

import io
import os
import sandbox_channel
import sys

# Own names: a cell may replace those of the module.
_fstat = os.fstat
_open_file = os.open
_dup2 = os.dup2
_close = os.close
_WRITE_ONLY = os.O_WRONLY
_ByteStream = io.FileIO
_TextStream = io.TextIOWrapper


# The device behind each descriptor.
_devices = {}


def _is_whole(descriptor):
    try:
        return _fstat(descriptor).st_rdev == _devices[descriptor]
    except OSError:
        return False


def _open_stream(name, descriptor):
    if not _is_whole(descriptor):
        opened = _open_file("/dev/" + name, _WRITE_ONLY)
        if opened != descriptor:
            _dup2(opened, descriptor)
            _close(opened)
    # Nothing is held here: texts of both streams, bytes for the descriptors, and displays stay in their order.
    return _TextStream(
        _ByteStream(descriptor, "w", closefd=False),
        encoding="utf-8",
        errors=sandbox_channel.REPLACE,
        newline="\n",
        write_through=True,
    )


def repair():
    """Puts a new stream where a cell closed one, took it away, or closed or replaced the file below it."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name, None)
        interrupt = None
        try:
            broken = stream is None or stream.closed or not _is_whole(descriptor)
        except BaseException as error:
            broken = True
            interrupt = error if isinstance(error, KeyboardInterrupt) else None
        if broken:
            setattr(sys, name, _open_stream(name, descriptor))
        if interrupt is not None:
            raise interrupt


def install():
    """Replaces the interpreter's own streams."""
    _devices.update({descriptor: _fstat(descriptor).st_rdev for descriptor in (1, 2)})
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = _open_stream(name, descriptor)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def flush():
    """Flushes what can be flushed."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        try:
            getattr(sys, name, None).flush()
        except Exception:
            pass
        except BaseException:
            setattr(sys, name, _open_stream(name, descriptor))
            raise
