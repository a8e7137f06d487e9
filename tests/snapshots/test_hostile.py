"""Files that somebody has made to run code: they are refused, and nothing has run."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import pickle
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import moto.s3.models
import pytest

from moto_cks import Cks
from tests.aws import client

ADMITTED = "moto_cks.snapshots.admitted"


def text(value: str) -> bytes:
    """The opcode that pushes a string."""
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def named(module: str, name: str) -> bytes:
    """The opcodes that push what a name means."""
    return text(module) + text(name) + b"\x93"


def admitted(name: str, *arguments: bytes) -> bytes:
    """The opcodes that call something that a saved world may name."""
    return named(ADMITTED, name) + called(*arguments)


def called(*arguments: bytes) -> bytes:
    """The opcodes that call what lies on the stack."""
    return b"(" + b"".join(arguments) + b"tR"


def made(name: str) -> bytes:
    """The opcodes that make an object of a class."""
    return admitted("make", text(name)) + called()


def pair(key: bytes, value: bytes) -> bytes:
    """The opcodes that push a dict with one entry."""
    return b"}" + key + value + b"s"


class Attack:
    """A file of a world that is made of other opcodes."""

    def __init__(self, world: Cks, folder: Path) -> None:
        self.world = world
        self.trace = folder / "trace"
        self.path = folder / "hostile.world"
        world.save(self.path)

    def load(self, opcodes: bytes) -> None:
        """Load a file that holds these opcodes, and is all right otherwise."""
        content = zlib.compress(opcodes)
        magic, line, _ = self.path.read_bytes().split(b"\n", 2)
        about = json.loads(line)
        about |= {
            "text": len(opcodes),
            "parts": [],
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        self.path.write_bytes(b"\n".join([magic, json.dumps(about).encode(), content]))
        self.world.load(self.path)

    def refused(self, opcodes: bytes) -> str:
        """What is said of these opcodes, which have done nothing."""
        client("s3").create_bucket(Bucket="here")
        with pytest.raises(
            ValueError,
            match=r"saved world|is not changed|has no slot|just hold data|is no |There is no ",
        ) as error:
            self.load(opcodes)
        assert not self.trace.exists()
        assert len(client("s3").list_buckets()["Buckets"]) == 1
        return str(error.value)


@pytest.fixture
def attack(world: Cks, tmp_path: Path) -> Attack:
    return Attack(world, tmp_path)


class Reduced:
    """What pickle writes as a call."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "call",
    [
        lambda trace: Reduced(os.system, f"touch {trace}"),
        lambda trace: Reduced(eval, f"open({str(trace)!r}, 'w')"),
        lambda trace: Reduced(exec, f"open({str(trace)!r}, 'w')"),
        lambda trace: Reduced(open, str(trace), "w"),
        lambda trace: Reduced(functools.partial(os.system, f"touch {trace}")),
        lambda trace: Reduced(getattr, "os", "system"),
        lambda trace: Reduced(__import__, "os"),
        lambda trace: Reduced(moto.s3.models.FakeKey, "name", b"value", "123456789012"),
        lambda trace: Reduced(client, "s3"),
    ],
    ids=[
        "system",
        "eval",
        "exec",
        "open",
        "partial",
        "getattr",
        "import",
        "moto class",
        "function",
    ],
)
def test_calls_of_anything(attack: Attack, call: Callable[[Path], Any], protocol: int) -> None:
    said = attack.refused(pickle.dumps(call(attack.trace), protocol))
    assert re.match("A saved world (does not name|is written without )", said)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "object"),
        ("functools", "partial"),
        ("operator", "attrgetter"),
        ("copyreg", "_reconstructor"),
        ("copyreg", "__newobj__"),
        ("moto.s3.models", "FakeKey"),
        ("moto.s3.models", "os.system"),
        ("moto.core.utils", "get_service_model"),
        ("moto_cks.tools.turns", "save_locally"),
        ("moto_cks.snapshots.disk", "write"),
        ("moto_cks.snapshots.reading", "class_named"),
        (ADMITTED, "ADMITTED"),
        (ADMITTED, "Admitted"),
        (ADMITTED, "make.__func__.__globals__"),
        (ADMITTED, "__getattr__"),
        (ADMITTED, "_parts"),
        (ADMITTED, "__init__"),
        (ADMITTED, "__class__"),
    ],
)
def test_names_of_anything(attack: Attack, module: str, name: str) -> None:
    assert "does not name" in attack.refused(named(module, name) + b".")
    assert "without GLOBAL" in attack.refused(f"c{module}\n{name}\n.".encode())


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "subprocess:Popen",
        "builtins:object",
        "moto.s3.models:os.system",
        "moto.s3.models:tempfile.SpooledTemporaryFile",
        "moto.s3.models:threading.Thread",
        "moto.s3.models:datetime.datetime",
        "moto.s3.models:BaseModel",  # imported there, and defined elsewhere
        "moto.s3.models:s3_backends",
        "moto.s3.models:get_moto_s3_account_id",
        "moto.s3.models:FakeKey.dispose",
        "moto.s3.models:FakeKey.__class__",
        "moto.server:main",
        "moto.moto_server.threaded_moto_server:ThreadedMotoServer",
        "moto.proxy:main",
        "moto.batch.models:Job",  # a thread
        "moto.core.botocore_stubber:BotocoreStubber",  # it can be called
        "moto.s3..models:FakeKey",
        "moto.nothing.models:Nothing",
        "moto_cks.snapshots.reading:Reader",
        "moto_cks.handle.cks:LocalCks.create_cluster",
        "moto_cks.tools.key_mgmt_util.tool:KeyMgmtUtil",
        "moto_cks.server.threaded:ThreadedCksServer",
        "moto_cks.executables.server:server",
        "tests.aws:client",
        "FakeKey",
        "",
        ":",
        "moto.s3.models:",
    ],
)
def test_what_is_no_class_that_holds_data_is_not_made(attack: Attack, name: str) -> None:
    attack.refused(admitted("make", text(name)) + b".")
    attack.refused(admitted("member", text(name), text("x")) + b".")
    attack.refused(admitted("by_class", pair(text(name), b"N")) + b".")


def test_a_class_is_never_called(attack: Attack) -> None:
    # What makes its objects makes empty ones, whatever it is given.
    maker = admitted("make", text("moto.s3.models:FakeBucket"))
    assert "no saved world" in attack.refused(maker + called(text("name"), text("value")) + b".")


def test_a_method_that_is_not_kept_is_not_had(attack: Attack) -> None:
    objects = {
        "moto.s3.models:FakeBucket": ["set_tags", "__init__", "__class__", "__setattr__"],
        "moto_cks.cloudhsmv2.clusters:CloudHsmCluster": ["delete", "take_back", "__init__"],
        "moto_cks.hsm.hsm:Hsm": ["login", "destroy_key"],
    }
    for kind, names in objects.items():
        for name in names:
            said = attack.refused(admitted("method", made(kind), text(name)) + b".")
            assert "has no method" in said


@pytest.mark.parametrize(
    "owner",
    [
        admitted("make", text("moto.s3.models:FakeKey")),
        named(ADMITTED, "make"),
        admitted("function", text("now")),
        admitted("numbers", b"K\x01"),
        admitted("lock", text("lock")),
        admitted("address", text("IPv4Address"), text("10.0.0.1")),
    ],
    ids=["maker", "admitted", "function", "count", "lock", "address"],
)
def test_nothing_that_all_share_is_changed(attack: Attack, owner: bytes) -> None:
    """BUILD sets attributes: by a dict or, in the second of two, by setattr. There is none."""
    evil = pair(text("__code__"), made("moto.s3.models:FakeBucket"))
    for state in (evil, b"(N" + evil + b"t"):
        with pytest.raises(ValueError, match="is written without BUILD"):
            attack.load(owner + state + b"b" + b".")
    store = attack.world.create_key_store()  # all of it works as it did
    attack.world.restore(attack.world.snapshot())
    assert store.create_key()


@pytest.mark.parametrize("call", ["weak", "fill", "fill_default", "queue", "mapping", "default"])
def test_wrong_arguments_are_refused(attack: Attack, call: str) -> None:
    for arguments in ((), (b"N",), (b"N", b"N"), (text("os:system"), b"N")):
        attack.refused(admitted(call, *arguments) + b".")


@pytest.mark.parametrize("call", ["give", "fill", "fill_default"])
@pytest.mark.parametrize(
    "shared",
    [
        admitted("constant", text("moto_cks.kms.keystores.connection:TABLE")),
        admitted("member", text("moto_cks.hsm.users:UserType"), text("CU")),
        admitted("moment", b"C\x0a\x07\xea\x01\x01\x00\x00\x00\x00\x00\x00"),
        admitted("zone_named", text("tzutc")),
        admitted("function", text("now")),
        named(ADMITTED, "make"),
        b"}",
    ],
    ids=["table", "member", "moment", "zone", "function", "admitted", "dict"],
)
def test_what_all_worlds_share_is_not_filled(attack: Attack, call: str, shared: bytes) -> None:
    state = {"give": b"}", "fill": b"(}}t", "fill_default": b"(" + text("dict") + b"}}t"}[call]
    assert "is not changed" in attack.refused(admitted(call, shared, state) + b".")


def test_an_attribute_that_does_more_is_no_slot(attack: Attack) -> None:
    session = made("moto_cks.hsm.hsm:Session")
    state = b"(N" + pair(text("logout"), b"N") + b"t"
    assert "has no slot" in attack.refused(admitted("give", session, state) + b".")


def test_what_is_kept_by_name_only(attack: Attack) -> None:
    for call, name in {
        "constant": "moto_cks.plugin:RESPONSES",
        "backends": "moto.s3.models:FakeKey",
        "function": "system",
        "default": "moto.s3.models:FakeKey",
        "zone_named": "gettz",
        "lock": "Thread",
        "service_model": "../../../etc/passwd",
        "part": "0",
    }.items():
        attack.refused(admitted(call, text(name)) + b".")


def test_more_opcodes_than_a_world_has(attack: Attack) -> None:
    attack.refused(b"\x80\x05" + text("id") + b"Q.")  # persistent
    attack.refused(b"Pid\n.")
    attack.refused(b"(S'touch'\nios\nsystem\n.")  # INST
    attack.refused(b"\x82\x01.")  # an extension of copyreg
    attack.refused(b"N.")
    attack.refused(b"}.")
    attack.refused(b"]" * 10 + b".")
    attack.refused(b"\x80\xff.")
    attack.refused(text("x") + b"R.")


def test_a_file_that_says_it_is_larger_than_it_is(attack: Attack) -> None:
    magic, line, rest = attack.path.read_bytes().split(b"\n", 2)
    for sizes in ({"text": 10**15}, {"text": -1}, {"text": 1}, {"parts": [["private key", 10]]}):
        about = json.loads(line) | sizes
        attack.path.write_bytes(b"\n".join([magic, json.dumps(about).encode(), rest]))
        with pytest.raises(ValueError, match="saved world"):
            attack.world.load(attack.path)


def test_a_file_that_swells(attack: Attack) -> None:
    swelling = zlib.compress(bytes(200 * 1024 * 1024))
    magic, line, _ = attack.path.read_bytes().split(b"\n", 2)
    told = {"text": 100, "parts": [], "sha256": hashlib.sha256(swelling).hexdigest()}
    about = json.loads(line) | told
    attack.path.write_bytes(b"\n".join([magic, json.dumps(about).encode(), swelling]))
    with pytest.raises(ValueError, match="not as long as it says"):
        attack.world.load(attack.path)


def test_a_key_that_is_none(attack: Attack) -> None:
    for kind in ("private key", "public key", "certificate", "request", "anything"):
        content = zlib.compress(b"N.nonsense")
        magic, line, _ = attack.path.read_bytes().split(b"\n", 2)
        told = {"text": 2, "parts": [[kind, 8]], "sha256": hashlib.sha256(content).hexdigest()}
        about = json.loads(line) | told
        attack.path.write_bytes(b"\n".join([magic, json.dumps(about).encode(), content]))
        with pytest.raises(ValueError, match="cannot be read"):
            attack.world.load(attack.path)
