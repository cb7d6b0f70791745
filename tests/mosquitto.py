"""A real MQTT broker from Debian's packages, and someone who listens; may be killed and started again on one port."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.needs import program
from tests.serving.service import free_port

USER, PASSWORD = "balefire", "broker-pass-0123456789"


@dataclass
class Mosquitto:
    """Asks for a name and a password. Whatever comes below `balefire/` stands in `heard` as (topic, text)."""

    folder: Path
    port: int = field(default_factory=free_port)
    heard: list[tuple[str, str]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def start(self) -> Mosquitto:
        passwords, config = self.folder / "passwords", self.folder / "mosquitto.conf"
        subprocess.run([program("mosquitto_passwd"), "-b", "-c", str(passwords), USER, PASSWORD], check=True)
        user = "user root\n"  # else it may not read the folder of a test that root runs
        config.write_text(f"{user}listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n")
        broker = program("mosquitto", "/usr/sbin/mosquitto")
        self._process = subprocess.Popen([broker, "-c", str(config)], stderr=subprocess.DEVNULL)
        self._listener = paho.Client(CallbackAPIVersion.VERSION2, client_id="listener")
        self._listener.username_pw_set(USER, PASSWORD)
        self._listener.on_connect = lambda client, *_: client.subscribe("balefire/#", qos=1)
        self._listener.on_message = self._hear
        for _ in range(100):
            try:
                self._listener.connect("127.0.0.1", self.port)
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        self._listener.loop_start()
        return self

    def stop(self) -> None:
        """As a kill: nothing that it kept in memory is there afterwards."""
        self._listener.loop_stop()
        self._process.kill()
        self._process.wait()

    def wait_for(self, topic: str, text: str | None = None, count: int = 1, timeout_s: float = 60) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.of(topic, text)) >= count, timeout_s), self.heard

    def of(self, topic: str, text: str | None = None) -> list[str]:
        return [said for where, said in self.heard if where == topic and text in (None, said)]

    def _hear(self, _: object, __: object, message: paho.MQTTMessage) -> None:
        with self.came:
            self.heard.append((message.topic, message.payload.decode()))
            self.came.notify_all()
