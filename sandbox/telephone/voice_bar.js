/** Where a voice note is recorded: how long it is already, a button that drops it and one that sends it. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { minutes } from "./player.js";
import { Recording } from "./recorder.js";
import { say } from "./strings.js";

export class VoiceBar {
  #recording = null;
  #timer = null;

  /** Calls changed() when a recording begins or ends, send(blob) with one that was ended. */
  constructor({ changed, send }) {
    Object.assign(this, { changed, send });
    this.time = element("span", { class: "voice-time", "data-testid": "voice-time" }, "0:00");
    this.dropButton = button({ class: "round voice-drop", "data-testid": "drop-recording", "aria-label": say("dropRecording"), click: () => this.drop() }, icon("drop"));
    this.root = element("div", { class: "voice", role: "group", "aria-label": say("recording"), hidden: true },
      this.dropButton, element("span", { class: "voice-dot" }), this.time,
      element("span", { class: "voice-hint" }, say("recording")),
      button({ class: "send", "data-testid": "send-recording", "aria-label": say("sendRecording"), click: () => this.#end() }, icon("send")));
  }

  /** Begins; rejects when the browser does not lend its microphone. */
  async begin() {
    if (this.#recording !== null) return;
    this.#recording = await Recording.begin();
    const began = Date.now();
    this.time.textContent = "0:00";
    this.#timer = setInterval(() => { this.time.textContent = minutes((Date.now() - began) / 1000); }, 250);
    this.#show(true);
    this.dropButton.focus();
  }

  /** Ends a recording and keeps nothing. Safe to call twice. */
  drop() {
    this.#recording?.drop();
    this.#stop();
  }

  async #end() {
    const recording = this.#recording;
    this.#stop();
    if (recording !== null) this.send(await recording.end());
  }

  #stop() {
    this.#recording = null;
    clearInterval(this.#timer);
    this.#show(false);
  }

  #show(recording) {
    this.root.hidden = !recording;
    this.changed(recording);
  }
}
