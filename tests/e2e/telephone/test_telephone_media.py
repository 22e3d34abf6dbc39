"""What a person can attach and record on the telephone, done in a real browser."""

import base64
import json
import urllib.request
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.telephone.business import PATIENCE
from tests.e2e.telephone.conftest import PROJECT, Browsing, Sandbox
from tests.e2e.telephone.screen import bubbles, write

Json = dict[str, Any]
SAMPLES: Json = json.loads((PROJECT / "sandbox/samples.json").read_text(encoding="ascii"))
SEEN = "image => image.complete && image.naturalWidth > 0"


def file_of(kind: str) -> Any:
    """A real file of that kind, as a person would pick it."""
    sample = SAMPLES[kind]
    content = base64.b64decode(sample["content"])
    return {"name": sample["filename"], "mimeType": sample["mime_type"].split(";")[0], "buffer": content}


def picks(page: Page, field: str, kind: str) -> None:
    """The person picks a file behind the paper clip."""
    page.get_by_test_id("attach").click()
    page.get_by_test_id(f"file-{field}").set_input_files(file_of(kind))


def attached(sandbox: Sandbox, customer: str) -> list[Json]:
    """What the customer's messages carry, as the sandbox keeps it, each with its bytes."""
    number = json.loads(read(f"{sandbox.url}/api/state"))["numbers"][0]["phone_number_id"]
    messages = json.loads(read(f"{sandbox.url}/api/chats/{customer}/{number}"))["messages"]
    return [
        {**one["media"], "content": read(f"{sandbox.url}/api/media/{one['media']['id']}")}
        for one in messages
        if "media" in one
    ]


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        found: bytes = answer.read()
        return found


def is_seen(picture: Locator) -> None:
    """The picture is on the screen, not the sign that it is broken."""
    expect(picture).to_be_visible()
    picture.page.wait_for_function(SEEN, arg=picture.element_handle())


def test_a_picture_is_sent_with_a_caption_and_is_still_there_after_a_reload(
    browsing: Browsing, bakery: Sandbox
) -> None:
    customer = bakery.customer("Lucía")
    page = browsing.open(f"/?customer={customer}")
    picks(page, "photo", "image")
    expect(page.get_by_test_id("attached")).to_contain_text("photo.jpg")
    write(page, "¿Tienen este pan?")
    own = bubbles(page, "customer")
    expect(own).to_have_attribute("data-status", "delivered")
    expect(own).to_contain_text("¿Tienen este pan?")
    page.reload()
    is_seen(page.get_by_test_id("photo"))
    (picture,) = attached(bakery, customer)
    assert (picture["mime_type"], picture["caption"]) == ("image/jpeg", "¿Tienen este pan?")
    assert picture["content"] == base64.b64decode(SAMPLES["image"]["content"])


def test_a_picked_file_can_be_taken_away_again(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    picks(page, "photo", "image")
    page.get_by_test_id("remove-attached").click()
    expect(page.get_by_test_id("attached")).to_be_hidden()
    write(page, "silencio, sin foto")
    expect(bubbles(page, "customer")).to_have_count(1)
    expect(page.get_by_test_id("photo")).to_have_count(0)


def test_a_voice_note_is_recorded_sent_and_played(browsing: Browsing, bakery: Sandbox) -> None:
    customer = bakery.customer("Lucía")
    page = browsing.open(f"/?customer={customer}", permissions=["microphone"])
    page.get_by_test_id("record").click()
    expect(page.get_by_test_id("voice-time")).to_have_text("0:01")
    page.get_by_test_id("send-recording").click()
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "delivered")
    page.get_by_test_id("play").click()
    page.wait_for_function("document.querySelector('[data-testid=sound]').currentTime > 0")
    (voice,) = attached(bakery, customer)
    assert voice["voice"] is True
    assert voice["mime_type"].split(";")[0] in ("audio/ogg", "audio/mp4")
    assert len(voice["content"]) > 500


def test_a_recording_can_be_dropped(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}", permissions=["microphone"])
    page.get_by_test_id("record").click()
    page.get_by_test_id("drop-recording").click()
    expect(page.get_by_test_id("record")).to_be_focused()
    write(page, "silencio, mejor por escrito")
    expect(bubbles(page, "customer")).to_have_count(1)
    expect(page.get_by_test_id("sound")).to_have_count(0)


def test_without_a_microphone_a_sound_is_picked(browsing: Browsing, bakery: Sandbox) -> None:
    customer = bakery.customer("Lucía")
    page = browsing.open(f"/?customer={customer}", permissions=[])
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))")
    page.reload()
    page.get_by_test_id("record").click()
    expect(page.get_by_role("alert")).to_have_text("El navegador no presta el micrófono: adjunta un audio.")
    page.get_by_test_id("file-sound").set_input_files(file_of("audio"))
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "delivered")
    (sound,) = attached(bakery, customer)
    assert (sound["mime_type"], sound["voice"]) == ("audio/ogg", False)


def test_a_document_a_place_a_contact_and_a_sticker_are_shown(browsing: Browsing, bakery: Sandbox) -> None:
    customer = bakery.customer("Lucía")
    page = browsing.open(f"/?customer={customer}")
    picks(page, "document", "document")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("file")).to_contain_text("menu.pdf")
    for kind in ("location", "contacts", "sticker"):
        page.get_by_test_id("attach").click()
        page.get_by_test_id(f"attach-{kind}").click()
    expect(page.get_by_test_id("place")).to_contain_text("Puerta del Sol")
    expect(page.get_by_test_id("contact")).to_contain_text("Ana Torres")
    is_seen(page.get_by_test_id("sticker"))
    assert [one["mime_type"] for one in attached(bakery, customer)] == ["application/pdf", "image/webp"]
    page.get_by_test_id("back").click()
    expect(page.get_by_test_id("chat-item")).to_contain_text("🙂 Sticker")


def test_a_large_picture_is_made_smaller_before_it_leaves(browsing: Browsing, bakery: Sandbox) -> None:
    customer = bakery.customer("Lucía")
    page = browsing.open(f"/?customer={customer}")
    noise = page.evaluate("""async () => {
        const canvas = new OffscreenCanvas(2400, 1200), pen = canvas.getContext("2d");
        const dots = pen.createImageData(2400, 1200);
        for (let at = 0; at < dots.data.length; at += 65536) crypto.getRandomValues(dots.data.subarray(at, at + 65536));
        pen.putImageData(dots, 0, 0);
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
        let text = "";
        for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
        return btoa(text);
    }""")
    png = base64.b64decode(noise)
    page.get_by_test_id("attach").click()
    page.get_by_test_id("file-photo").set_input_files(
        {"name": "large.png", "mimeType": "image/png", "buffer": png}
    )
    page.get_by_test_id("send").click()
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "delivered")
    (picture,) = attached(bakery, customer)
    assert picture["mime_type"] == "image/jpeg"
    assert len(picture["content"]) < len(png) / 4
