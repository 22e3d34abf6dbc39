/** Draws what a message carries beside text: a picture, a film, a voice note, a document, a place, contacts. */

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { player } from "./player.js";
import { say } from "./strings.js";

/** Returns the address of a message's file: what was picked here, else what the sandbox keeps. */
export const addressOf = ({ url, id }) => url ?? `api/media/${encodeURIComponent(id)}`;

/** Returns the nodes of what the message carries, none when it is all text. */
export function attachmentOf(message) {
  const { media, location, contacts } = message;
  if (location) return [place(location)];
  if (Array.isArray(contacts)) return contacts.map(contact);
  if (!media) return [];
  return [DRAWN[message.type]?.(media)].filter(Boolean);
}

const nameOf = (type) => say(`said_${type}`)[1];

const DRAWN = {
  image: (media) => picture(media, "photo", nameOf("image")),
  sticker: (media) => picture(media, "sticker", nameOf("sticker")),
  video: (media) => element("video", { class: "film", src: addressOf(media), controls: true, preload: "metadata", "data-testid": "film" }),
  audio: (media) => player(addressOf(media)),
  document: (media) => file(media),
};

function picture(media, name, label) {
  return element("img", { class: name, src: addressOf(media), alt: media.caption || label, "data-testid": name, draggable: "false" });
}

function file(media) {
  const name = media.filename ?? nameOf("document");
  return element("a", { class: "card", href: addressOf(media), download: name, "data-testid": "file" },
    element("span", { class: "card-sign" }, icon("document")),
    element("span", { class: "card-text" },
      element("strong", { dir: "auto" }, name), element("span", {}, endingOf(name, media.mime_type))));
}

function endingOf(name, type = "") {
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(name)?.[1] ?? type.split(";")[0].split("/")[1] ?? "";
  return ending.toUpperCase();
}

function place({ latitude, longitude, name, address }) {
  return element("div", { class: "place", "data-testid": "place" },
    element("span", { class: "map", "aria-hidden": "true" }, icon("location")),
    element("span", { class: "card-text" },
      element("strong", { dir: "auto" }, name ?? say("here")),
      element("span", { dir: "auto" }, address ?? `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`)));
}

function contact({ name, phones }) {
  const numbers = (phones ?? []).map(({ phone }) => phone).filter(Boolean);
  return element("div", { class: "card", "data-testid": "contact" },
    element("span", { class: "card-sign card-person" }, icon("person")),
    element("span", { class: "card-text" },
      element("strong", { dir: "auto" }, name?.formatted_name ?? numbers[0] ?? say("unnamed")),
      ...(name ? numbers.map((number) => element("span", {}, number)) : [])));
}
