"""The one way out of the sandbox: a device file, opened once, that takes requests and gives answers."""

import codecs
import json
import os
import struct

DEVICE = "/dev/sandbox"

# Far from the numbers that closing "all" files reaches.
DESCRIPTOR = 1000

MAX_PATH_CHARS = 4096
MAX_PARAMS_BYTES = 8 * 1024 * 1024
OK = 1

# Own names: a cell may replace those of the modules.
_read = os.read
_write = os.write
_fstat = os.fstat
# Plain JSON has no NaN.
_encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().decode
_pack = struct.pack
_unpack = struct.unpack


REPLACE = "sandbox_replace"


def _to_replacement_character(error):
    # Bytes: the UTF-8 encoder takes no other text than ASCII.
    return ("\ufffd".encode() * (error.end - error.start), error.end)


# Text that UTF-8 cannot hold becomes U+FFFD.
codecs.register_error(REPLACE, _to_replacement_character)


_device = None


def open_device():
    """Opens the device and removes its name."""
    global _device
    opened = os.open(DEVICE, os.O_RDWR)
    _device = _fstat(opened).st_rdev
    os.dup2(opened, DESCRIPTOR)
    os.close(opened)
    os.unlink(DEVICE)


def is_open():
    """Whether the descriptor is still the device's: a cell may have closed it or put another in its place."""
    try:
        return _fstat(DESCRIPTOR).st_rdev == _device
    except OSError:
        return False


def sleep(seconds):
    """Waits; an interrupt ends it."""
    _write(DESCRIPTOR, b"S%f" % (seconds * 1000))


def flush():
    """Hands on what was written so far."""
    _write(DESCRIPTOR, b"F")


def show(bundle_json):
    """Sends a bundle of display data."""
    _write(DESCRIPTOR, b"D" + bundle_json.encode("utf-8", REPLACE))


def _read_full(length):
    parts = []
    while length > 0:
        part = _read(DESCRIPTOR, length)
        if not part:
            raise RuntimeError("The call got no answer")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _encode_params(params):
    if not isinstance(params, dict):
        raise TypeError(f"CALL_API parameters must be a dict, not {type(params).__name__}")
    data = _encode(params).encode("utf-8", REPLACE)
    if len(data) > MAX_PARAMS_BYTES:
        raise ValueError(f"CALL_API parameters are larger than {MAX_PARAMS_BYTES} bytes")
    return data


def _ask(request):
    _write(DESCRIPTOR, request)
    (length,) = _unpack("<I", _read_full(4))
    if length == 0:
        sleep(0.0)  # takes the interrupt that ended the call
        raise RuntimeError("The call was interrupted")
    answer = _read_full(length)
    value = _decode(answer[1:].decode())
    if answer[0] != OK:
        raise RuntimeError(value)
    return value


def CALL_API(path, params={}):  # nothing changes the default
    """Calls the API endpoint `path` with a dict of parameters, and returns its JSON answer as Python data."""
    if not isinstance(path, str) or len(path) > MAX_PATH_CHARS:
        raise TypeError(f"CALL_API path must be a string of at most {MAX_PATH_CHARS} characters")
    name = path.encode("utf-8", REPLACE)
    data = _encode_params(params)
    return _ask(b"C" + _pack("<I", len(name)) + name + data)


def fetch(request_json):
    """Hands a network request to the host and returns its answer as Python data."""
    return _ask(b"N" + request_json.encode("utf-8", REPLACE))
