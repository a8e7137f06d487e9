"""A server, the tools and the AWS CLI, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect
import pytest

from moto_cks.handle.remote.control_api import ControlApi
from tests.aws import REGION, client_of

SCRIPTS = Path(sysconfig.get_path("scripts"))
ADMIN = "adminPswd1"
PASSWORD = "kmsPswd1"

CMU = ("cloudhsm_mgmt_util", "/opt/cloudhsm/etc/cloudhsm_mgmt_util.cfg")
KMU = ("key_mgmt_util",)
CLI = ("cloudhsm-cli", "interactive")
PROMPTS = {CMU: "aws-cloudhsm>", KMU: "Command:  ", CLI: "aws-cloudhsm > "}

Tool = tuple[str, ...]


def program(name: str) -> str:
    """A program that is no Python package of the test extra; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on the PATH")
    return found


@dataclass(frozen=True)
class KeyStore:
    """A key store."""

    id: str
    cluster_id: str
    region: str


class Typist:
    """Somebody at a terminal with a tool."""

    def __init__(self, tool: Tool, environment: dict[str, str]) -> None:
        self.prompt = PROMPTS[tool]
        self.child = pexpect.spawn(
            tool[0],
            list(tool[1:]),
            env=environment,  # type: ignore[arg-type]
            encoding="utf-8",
            timeout=20,
            dimensions=(40, 200),
        )
        self.child.expect_exact(self.prompt)

    def enter(self, line: str, *answers: tuple[str, str]) -> str:
        """Type a command and the answers to what it asks.

        Returns:
            What the terminal shows, from the prompt before the command to the one after it.
        """
        shown = [self.prompt]
        self.child.sendline(line)
        for question, answer in answers:
            self.child.expect_exact(question)
            shown += [self.child.before, question]
            self.child.sendline(answer)
        self.child.expect_exact(self.prompt)
        shown.append(self.child.before)
        return "".join(shown).replace("\r\n", "\n")

    def leave(self, line: str) -> int:
        """Type the command that ends the tool; its exit status."""
        self.child.sendline(line)
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus is not None
        return self.child.exitstatus


class World:
    """A server in a process of its own, and what a shell needs to reach it.

    Args:
        endpoint: the URL of the server.
        home: a directory for the processes.
        region: the Region that the AWS CLI and the clients speak to.
    """

    def __init__(self, endpoint: str, home: Path, region: str = REGION) -> None:
        self.control = ControlApi(endpoint)
        self.region = region
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("AWS_")},
            "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm",
            "MOTO_CKS_ENDPOINT": endpoint,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": region,
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_PAGER": "",
        }
        self.kms = self.client("kms")
        self._typists: list[Typist] = []

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return client_of(self.control.endpoint, service, self.region)

    def key_store(self, *, hsms: int = 2, connect: bool = True) -> KeyStore:
        """A key store with the name that it has on the page."""
        built = self.control.post(
            "key-stores",
            body={
                "name": "ExampleKeyStore",
                "hsms": hsms,
                "connect": connect,
                "region": self.region,
                "kmsuser_password": PASSWORD,
            },
        )
        return KeyStore(built["id"], built["cluster_id"], built["region"])

    def hsms(self, store: KeyStore) -> list[dict[str, Any]]:
        """The HSMs of its cluster, with what is in them."""
        return self.control.get("clusters", store.cluster_id)["hsms"]  # type: ignore[no-any-return]

    # KMS --------------------------------------------------------------------------------------

    def create_key(self, store: KeyStore) -> str:
        """A KMS key in a key store; its ID."""
        answer = self.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store.id)
        return str(answer["KeyMetadata"]["KeyId"])

    def connect(self, store: KeyStore) -> str:
        """Try to connect: CONNECTED, or what the attempt has failed with."""
        self.kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        (entry,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
        return str(entry.get("ConnectionErrorCode", entry["ConnectionState"]))

    def disconnect(self, store: KeyStore) -> None:
        """Disconnect a key store."""
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)

    def tell(self, store: KeyStore, password: str) -> None:
        """Tell KMS the password of kmsuser."""
        self.kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword=password)

    # Processes --------------------------------------------------------------------------------

    def run(
        self, *argv: str, typed: str | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, with a pipe for its input."""
        return subprocess.run(
            argv,
            input=typed,
            capture_output=True,
            text=True,
            env={**self.environment, **more},
            timeout=60,
            check=False,
        )

    def pipe(self, tool: Tool, *lines: str, **more: str) -> str:
        """What a tool prints that reads these lines from a pipe; it must end well."""
        done = self.run(*tool, typed="".join(f"{line}\n" for line in lines), **more)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def aws(self, *arguments: str) -> str:
        """What a command of the AWS CLI prints; it must succeed."""
        done = self.run(program("aws"), *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def aws_json(self, *arguments: str) -> Any:
        """The same, as JSON."""
        return json.loads(self.aws(*arguments))

    def aws_error(self, *arguments: str) -> str:
        """What a command of the AWS CLI that must fail says."""
        done = self.run(program("aws"), *arguments)
        assert (done.returncode, done.stdout) == (254, "") or done.returncode == 255, done
        return done.stderr.strip()

    def sit_down(self, tool: Tool) -> Typist:
        """Start a tool at a terminal."""
        typist = Typist(tool, self.environment)
        self._typists.append(typist)
        return typist

    def close(self) -> None:
        """End the tools that are still running."""
        for typist in self._typists:
            typist.child.close(force=True)
