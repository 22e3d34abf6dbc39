/** What the customer can attach: a picture, a document, a sound, a place, a contact, a sticker. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { openSheet } from "./sheet.js";
import { say } from "./strings.js";

const PICKED = {
  photo: "image/jpeg,image/png,image/webp,video/mp4",
  document: "",
  sound: "audio/ogg,audio/mp4,audio/mpeg,.ogg,.opus,.m4a,.mp3",
};
const READY = ["location", "contacts", "sticker"];

/** Opens the choices; calls pick(file) with a file of the person's, or send(type) for what the sandbox has ready. */
export function openAttach(page, { pick, send }) {
  let close = () => {};
  const fields = Object.entries(PICKED).map(([name, accept]) => fileField(name, accept, (file) => {
    close();
    pick(file);
  }));
  const picked = Object.keys(PICKED).map((name, at) => choice(name, () => fields[at].click()));
  const ready = READY.map((type) => choice(type, () => {
    close();
    send(type);
  }));
  close = openSheet(page, { title: say("attach"), content: [element("div", { class: "attach" }, ...picked, ...ready), ...fields] });
}

function fileField(name, accept, picked) {
  return element("input", {
    type: "file", accept: accept || null, hidden: true, "data-testid": `file-${name}`,
    change: (event) => event.target.files.length > 0 && picked(event.target.files[0]),
  });
}

function choice(name, click) {
  return button({ class: "attach-choice", "data-testid": `attach-${name}`, click },
    element("span", { class: `attach-sign attach-${name}` }, icon(name)), say(`attach_${name}`));
}
