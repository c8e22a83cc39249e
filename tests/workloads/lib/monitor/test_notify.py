"""Messages reach every receiver once it can take them; what leaves has no row in it and goes nowhere in plain text."""

import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.errors import FalajError
from tests.certificate import certificate as certificate_of
from tests.workloads.lib.monitor.receivers import Post, Web, running
from workloads.lib.monitor.mail import Mail
from workloads.lib.monitor.message import Message
from workloads.lib.monitor.notify import Channels, Outbox
from workloads.lib.monitor.raised import Report
from workloads.lib.monitor.webhook import ID, SIGNATURE, Webhook
from workloads.lib.object_store import ObjectStore

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
MODEL = "sha256:" + "5" * 64
ALARM = Report("data", "data", MODEL, NOW, {"unseen": ["A1 resident of Al Ain"]})


def news(number: int = 0) -> Message:
    alarm = Report("data", "data", MODEL, NOW + timedelta(minutes=number))
    return Message.of("uae", "employment", alarm, incident=f"employment-{number}", severity="major")


@pytest.fixture
def web() -> Iterator[Web]:
    with running(Web()) as server:
        yield server


@pytest.fixture
def post() -> Iterator[Post]:
    with running(Post()) as server:
        yield server


def outbox(store: ObjectStore, web: Web | None = None, post: Post | None = None, *to: str) -> Outbox:
    mail = post and Mail(host="127.0.0.1", port=post.port, sender="falaj@x.ae", to=to or ("a@x.ae",), tls=False)
    return Outbox(store, Channels(webhook=Webhook(url=web.url) if web else None, mail=mail), pauses=(0, 0))


def test_what_leaves_has_names_digests_and_instants_only() -> None:
    message = Message.of("uae", "employment", ALARM, reaction="retrain")
    assert "Al Ain" not in message.model_dump_json() + message.text + message.subject
    assert message.text == (
        "employment: alarm data (data) firing, since 2026-03-01T08:00:00+00:00\n"
        f"stack uae, model {MODEL}\ndone about it: retrain\n"
    )


def test_every_receiver_gets_it_once(store: ObjectStore, web: Web, post: Post) -> None:
    box = outbox(store, web, post, "a@x.ae", "b@x.ae")
    assert box.put(news())
    assert not box.put(news())
    done = box.deliver()
    assert (done.sent, done.waiting, done.errors) == (3, 0, {})
    ((headers, body),) = web.got
    assert (body["incident"], body["state"], headers[ID]) == ("employment-0", "firing", news().id)
    assert [to for to, _ in post.got] == ["a@x.ae", "b@x.ae"]
    assert "Subject: major: employment: alarm data (data) firing\r\n" in post.got[0][1]
    assert "see: falaj incident show employment-0" in post.got[0][1]
    assert not box.put(news())
    assert box.deliver().sent == 0


def test_a_server_that_is_busy_is_asked_again_and_one_that_says_no_is_not(store: ObjectStore, web: Web) -> None:
    box = outbox(store, web)
    box.put(news())
    web.answers = [503, 429, 200]
    assert box.deliver().sent == 1
    box.put(news(1))
    web.answers = [403, 200]
    done = box.deliver()
    assert (done.sent, done.waiting) == (0, 1)
    assert done.errors["webhook"].startswith("FALAJ-INC-007 webhook 127.0.0.1: it answered 403")
    assert "s3cret" not in done.errors["webhook"]
    assert box.deliver().sent == 1


def test_a_redirect_is_not_followed(store: ObjectStore, web: Web) -> None:
    box = outbox(store, web)
    box.put(news())
    web.answers = [302, 200]
    assert "it answered 302" in box.deliver().errors["webhook"]
    assert web.got == []


def test_one_receiver_that_is_down_keeps_none_of_the_others_and_gets_all_later_in_order(
    store: ObjectStore, web: Web, post: Post
) -> None:
    box = outbox(store, web, post, "a@x.ae", "gone@x.ae")
    post.refuses = {"gone@x.ae": 550}
    for number in (2, 0, 1):
        box.put(news(number))
    done = box.deliver()
    assert (done.sent, done.waiting, list(done.errors)) == (6, 3, ["mail gone@x.ae"])
    assert [body["incident"] for _, body in web.got] == [f"employment-{n}" for n in range(3)]
    post.refuses = {}
    assert outbox(store, web, post, "a@x.ae", "gone@x.ae").deliver().sent == 3
    assert [to for to, _ in post.got[3:]] == ["gone@x.ae"] * 3


def test_nobody_answers(store: ObjectStore) -> None:
    with Web() as closed:
        url = closed.url
    mail = Mail(host="127.0.0.1", port=9, sender="a@x.ae", to=("b@x.ae",), tls=False)
    box = Outbox(store, Channels(webhook=Webhook(url=url), mail=mail), pauses=(0,))
    box.put(news())
    done = box.deliver()
    assert (done.sent, done.waiting, set(done.errors)) == (0, 1, {"webhook", "mail b@x.ae"})
    assert all("FALAJ-INC-007" in error and "refused" in error for error in done.errors.values())


def test_a_kill_between_sending_and_saying_so_sends_it_again_with_the_same_id(store: ObjectStore, web: Web) -> None:
    box = outbox(store, web)
    box.put(news())
    (name,) = store.names("messages/waiting/")
    before = store.get(name)
    box.deliver()
    store.delete(f"messages/told/{news().id}")
    store.put(name, before)
    outbox(store, web).deliver()
    assert [headers[ID] for headers, _ in web.got] == [news().id] * 2


def test_a_channel_that_is_there_no_more_holds_nothing_up(store: ObjectStore, web: Web, post: Post) -> None:
    outbox(store, web, post).put(news())
    done = outbox(store, None, post).deliver()
    assert (done.sent, done.waiting) == (1, 0)


def test_what_waits_is_sealed(store: ObjectStore, web: Web) -> None:
    outbox(store, web).put(news())
    assert not any(b"employment" in file.read_bytes() for file in (store.path / "objects").iterdir())


def test_the_body_is_signed_with_the_shared_secret(web: Web, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("shared\n")
    Webhook(url=web.url, secret_file=tmp_path / "secret").send(news())
    signed = hmac.new(b"shared", web.raw[0], hashlib.sha256).hexdigest()
    assert web.got[0][0][SIGNATURE] == f"sha256={signed}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key, for localhost, in one file."""
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(b"".join(certificate_of("localhost")))
    return file


def test_mail_says_nothing_before_tls_and_nothing_to_a_server_it_does_not_know(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running(Post(context)) as server:
        mail = Mail(host="localhost", port=server.port, sender="falaj@x.ae", to=("a@x.ae",), ca_file=certificate)
        mail.send(news(), "a@x.ae")
        assert [to for to, _ in server.got] == ["a@x.ae"]
        assert set(server.plain) == {"EHLO", "STAR"}
        with pytest.raises(FalajError, match=r"INC-007.*CERTIFICATE_VERIFY_FAILED"):
            mail.model_copy(update={"ca_file": None}).send(news(), "a@x.ae")
    with running(Post()) as server, pytest.raises(FalajError, match="INC-007"):
        mail.model_copy(update={"port": server.port}).send(news(), "a@x.ae")
    assert server.got == []


def test_the_file_of_channels(tmp_path: Path) -> None:
    file = tmp_path / "channels.yaml"
    good = {"webhook": {"url": "https://hooks.x.ae/1"}, "mail": {"host": "m", "sender": "a@x.ae", "to": ["b@x.ae"]}}
    file.write_text(json.dumps(good))
    assert list(Channels.load(file).senders()) == ["webhook", "mail b@x.ae"]
    file.write_text("")
    assert Channels.load(file).senders() == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("webhook: {url: 'http://hooks.x.ae/s3cret'}", "hooks.x.ae would be sent plain text"),
        ("webhook: {url: 'file:///etc/passwd'}", "file:// is no address"),
        ("webhook: {url: 7}", "webhook.url"),
        ("webhook: {url: 'https://x/s3cret', secret: s3cret}", "webhook.secret: Extra inputs"),
        ("mail: {host: m, sender: a@x.ae, to: []}", "mail.to"),
        ("mail: {host: m, sender: a@x.ae, to: ['b@x.ae\\nBcc: c@x.ae']}", "mail.to.0"),
        ("mail: {host: m, sender: a@x.ae, to: [b@x.ae], tls: false}", "m: it would be sent plain text"),
        ("[1]", "the file"),
        ("{", "it cannot be read"),
    ],
)
def test_a_channel_that_cannot_be_used(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "channels.yaml"
    file.write_text(text)
    with pytest.raises(FalajError) as caught:
        Channels.load(file)
    assert caught.value.code == "INC-008"
    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_secret_that_is_not_there_is_told_and_the_message_waits(store: ObjectStore, web: Web, tmp_path: Path) -> None:
    hook = Webhook(url=web.url, secret_file=tmp_path / "none")
    box = Outbox(store, Channels(webhook=hook), pauses=(9, 9))
    box.put(news())
    done = box.deliver()
    assert done.waiting == 1
    assert "FALAJ-INC-008" in done.errors["webhook"]
