"""Takes over the channel to the grader and answers itself, with a nonce that it made up, then for all later requests.

Stopped by: a reply counts only for the request whose nonce it carries, and none may lie waiting before a request is
sent. (Code that digs the current nonce out of a frame can send what it could as well have returned: a reply holds
outputs only, and they are judged.)
"""

import os
import stat
import sys
import types


def _right(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)


def _cheat():
    """Answer the request that led here and all that follow, in place of the session that was asked."""
    wire, values, probing = (sys.modules[f"grader.confined.{name}"] for name in ("wire", "values", "probing"))
    own = sys.modules.get("probes.tensor_init")
    (channel,) = (fd for fd in range(3, 64) if _is_socket(fd))
    right = types.ModuleType("right")
    right.band = _right

    def answer(name, args, kwargs):
        probe = getattr(own, name, None) or getattr(probing, name)
        tree, body = values.encode(probe(right, *args, **kwargs), layout=False)
        left = memoryview(wire.pack({"nonce": "0" * 16, "value": tree}, body))
        while left:
            left = left[os.write(channel, left) :]

    def receive(count):
        data = bytearray()
        while len(data) < count:
            data += os.read(channel, count - len(data)) or os._exit(0)
        return data

    frame = sys._getframe()
    while frame.f_code.co_name != "_probe":
        frame = frame.f_back
    answer(*(frame.f_locals[name] for name in ("name", "args", "kwargs")))
    while True:
        header, body = wire.read(receive)
        request = values.decode(header["value"], body, layout=True)
        answer(request["name"], request["args"], request["kwargs"])


def _is_socket(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False


def band(n, width, device="cpu"):
    try:
        _cheat()
    except Exception:
        pass
    return torch.zeros(n, n, device=device)
