"""Terraform's AWS provider keeps an external key store: the configuration of its page, changed.

That the page works as it stands, from ``init`` to ``destroy``, shows ``test_documentation.py``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from moto_cks import XksProxy
from moto_cks.server import ThreadedCksServer
from tests.aws import client
from tests.kms.keystores.external import TEXT, credential
from tests.pages import BLOCKS, ROOT

PAGE = ROOT / "docs" / "how-to" / "terraform.md"
FILES = {
    block.file: block.text
    for block in BLOCKS
    if block.page == PAGE and block.file in ("provider.tf", "external/main.tf")
}
ENDPOINT = "127.0.0.1:5000"
"""What the page has for the address of the server."""
NOTHING_TO_DO, CHANGES = 0, 2
"""The exit status of ``terraform plan -detailed-exitcode``; 1 is an error."""


class Terraform:
    """Terraform in a folder with the page's configuration, and the proxy of its key store.

    Args:
        folder: the folder.
        address: of the server.
        proxy: the proxy.
    """

    def __init__(self, folder: Path, address: str, proxy: XksProxy) -> None:
        self._folder, self._proxy = folder, proxy
        own = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        self._environment = {
            **own,
            "AWS_ENDPOINT_URL": f"http://{address}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        for program in ("terraform", "aws"):
            if shutil.which(program, path=self._environment["PATH"]) is None:
                pytest.skip(f"there is no {program} here")
        for name, text in FILES.items():
            assert name is not None
            (folder / Path(name).name).write_text(text.replace(ENDPOINT, address))
        self.hand_over()
        status, said = self._run("init")
        if "Failed to query available provider packages" in said:
            pytest.skip("Terraform does not get its AWS provider here")
        assert status == 0, said

    def _run(self, command: str, *options: str) -> tuple[int, str]:
        done = subprocess.run(
            ["terraform", command, "-no-color", *options],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def hand_over(self) -> None:
        """Have it read the file of the proxy as it is now."""
        (self._folder / "proxy.json").write_text(self._proxy.configuration_file())

    def plan(self) -> tuple[int, str]:
        """The exit status of a plan, and what it says."""
        status, said = self._run("plan", "-detailed-exitcode")
        assert status in (NOTHING_TO_DO, CHANGES), said
        return status, said

    def apply(self) -> str:
        """Apply it; gives what it says."""
        status, said = self._run("apply", "-auto-approve")
        assert status == 0, said
        return said

    def destroy(self) -> None:
        status, said = self._run("destroy", "-auto-approve")
        assert status == 0, said


@pytest.fixture
def proxy(world: Any) -> XksProxy:
    made: XksProxy = world.xks_proxy("xks.example.com", keys=["payments"])
    return made


@pytest.fixture
def terraform(proxy: XksProxy, tmp_path: Path) -> Iterator[Terraform]:
    with ThreadedCksServer(port=0) as server:
        host, port = server.get_host_and_port()
        yield Terraform(tmp_path, f"{host}:{port}", proxy)


def the_store(kms: Any) -> dict[str, Any]:
    (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    return dict(store)


def the_key(kms: Any) -> dict[str, Any]:
    (key,) = kms.list_keys()["Keys"]
    return dict(kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"])


def works(kms: Any) -> bool:
    key_id = the_key(kms)["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=TEXT)["CiphertextBlob"]
    return bool(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == TEXT)


# Each start of Terraform's AWS provider takes seconds.
def test_x1_x10_x20_an_external_key_store_of_terraform(
    world: Any, proxy: XksProxy, terraform: Terraform, transition: Callable[..., None]
) -> None:
    kms = client("kms")
    # As on AWS, KMS is not connected at once, and there is no key before it is.
    transition("cks::connection", progression="manual", times=2)
    terraform.apply()
    transition("cks::connection", progression="immediate")
    store = the_store(kms)
    assert store["ConnectionState"] == "CONNECTED"
    assert the_key(kms)["XksKeyConfiguration"] == {"Id": "payments"}
    assert works(kms)
    assert terraform.plan()[0] == NOTHING_TO_DO

    # The administrator of the proxy has changed something: of that KMS knows nothing.
    proxy.credentials.rotate()
    proxy.move("/moved")
    assert terraform.plan()[0] == NOTHING_TO_DO
    # Others have told KMS something; the credential is none of Terraform's business.
    named = {"CustomKeyStoreId": store["CustomKeyStoreId"]}
    kms.update_custom_key_store(
        **named,
        NewCustomKeyStoreName="changed",
        XksProxyAuthenticationCredential=credential(proxy),
        XksProxyUriPath=proxy.path,
    )
    status, said = terraform.plan()
    assert status == CHANGES
    assert '"changed" -> "external"' in said
    assert f'"{proxy.path}" -> "/example/kms/xks/v1"' in said
    assert "xks_proxy_authentication_credential" not in said

    proxy.move("/moved-again")
    terraform.hand_over()
    assert "0 added, 1 changed, 0 destroyed" in terraform.apply()
    changed = the_store(kms)
    assert changed["XksProxyConfiguration"] == {
        **store["XksProxyConfiguration"],
        "AccessKeyId": proxy.credential.access_key_id,
        "UriPath": "/moved-again/kms/xks/v1",
    }
    others = ("CustomKeyStoreId", "CustomKeyStoreName", "ConnectionState")
    assert [changed[name] for name in others] == [store[name] for name in others]
    assert works(kms)
    assert terraform.plan()[0] == NOTHING_TO_DO

    terraform.destroy()
    assert the_key(kms)["KeyState"] == "PendingDeletion"
    # KMS has refused to delete what has keys; the provider does not look at that.
    assert the_store(kms)["ConnectionState"] == "DISCONNECTED"
    world.clock.advance(days=8)
    kms.delete_custom_key_store(**named)
