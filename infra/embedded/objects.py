"""SeaweedFS: the object store, as one process with an S3 door."""

from __future__ import annotations

import io
import json
import signal
from pathlib import Path
from typing import ClassVar

import minio
import urllib3

from .folder import write_private
from .process import LOOPBACK, Spawner
from .programs import weed
from .server import Server

BUCKET = "nennep"
PIECES = ("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
          "filer.port", "filer.port.grpc")  # fmt: skip
# Where its runtime begins to give memory back instead of keeping twice what was ever in use.
THRIFTY = {"GOMEMLIMIT": "128MiB"}


class Objects(Server):
    """SeaweedFS on loopback; one key pair, one bucket."""

    name: ClassVar[str] = "objects"
    title: ClassVar[str] = "SeaweedFS"
    ports_needed: ClassVar[int] = len(PIECES)
    stop_signal: ClassVar[signal.Signals] = signal.SIGKILL

    @property
    def url(self) -> str:
        """The S3 address."""
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self, _: Spawner, /) -> None:
        """Write the key pair for the S3 door."""
        keys = {"accessKey": self.secrets["objects_access"], "secretKey": self.secrets["objects_secret"]}
        identity = {
            "name": "nennep",
            "credentials": [keys],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        write_private(self.folder / "s3.json", json.dumps({"identities": [identity]}))
        self.account.give(self.folder / "s3.json")
        (self.folder / "data").mkdir(exist_ok=True, mode=0o700)
        self.account.give(self.folder / "data")

    def command(self) -> list[str]:
        """Volumes grow as they fill and nothing is sent to the makers of SeaweedFS."""
        options = {
            "dir": "data", "ip": LOOPBACK, "ip.bind": LOOPBACK, "filer": "true", "s3": "true",
            "s3.config": "s3.json", "s3.iam": "false", "s3.port.iceberg": "0", "s3.port.lance": "0",
            "master.telemetry": "false", "master.volumeSizeLimitMB": "256",
            # Alone, so it need not wait for others to join; and since ports change at each start, the cluster
            # that it remembers would be one of strangers.
            "master.peers": "none", "master.resumeState": "false", "volume.id": "nennep",
            "volume.max": "0", "volume.index": "leveldb", "volume.preStopSeconds": "0",
            "filer.localSocket": "filer.sock", "s3.localSocket": "s3.sock",
        }  # fmt: skip
        options |= {piece: str(port) for piece, port in zip(PIECES, self.ports, strict=True)}
        return [
            str(weed()),
            "-logtostderr=true",
            "server",
            *(f"-{key}={value}" for key, value in options.items()),
        ]

    def environment(self) -> dict[str, str]:
        """Keys on the inner doors, which else are open to every account here."""
        inner = self.secrets["objects_internal"]
        doors = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
        keys = {f"WEED_JWT_{door}_KEY": inner for door in doors}
        return super().environment() | keys | {"HOME": str(self.folder)} | THRIFTY

    def kill(self) -> None:
        """Also removes the sockets that it leaves in /tmp, whatever it is told."""
        super().kill()
        for part, port in zip(PIECES, self.ports, strict=False):
            Path(f"/tmp/seaweedfs-{part.split('.')[0]}-grpc-{port}.sock").unlink(missing_ok=True)  # noqa: S108

    def stop(self) -> None:
        """End at once, without asking.

        Its orderly end waits 15 s for the other nodes of a cluster of one. All that it acknowledged has been
        handed to the kernel by then, and it starts again from any state.
        """
        self.kill()

    def client(self) -> minio.Minio:
        """A client that neither waits nor tries again: asking again is the caller's."""
        return minio.Minio(
            f"{LOOPBACK}:{self.port}",
            access_key=self.secrets["objects_access"],
            secret_key=self.secrets["objects_secret"],
            secure=False,
            http_client=urllib3.PoolManager(retries=False, timeout=5),
        )

    def ask(self) -> None:
        """Write an object and read it: the door answers before the volumes do."""
        client = self.client()
        if not client.bucket_exists(BUCKET):
            client.make_bucket(BUCKET)
        client.put_object(BUCKET, ".ready", io.BytesIO(b"ready"), 5)
        client.get_object(BUCKET, ".ready").close()
