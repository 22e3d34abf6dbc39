/** Plays a voice note: a button, how far it is, how long it lasts. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./strings.js";

let playing = null;

/** Returns a player for the sound at that address. */
export function player(address) {
  const sound = element("audio", { src: address, preload: "metadata", "data-testid": "sound" });
  const time = element("span", { class: "player-time" }, "0:00");
  const line = element("input", { type: "range", min: "0", max: "1000", value: "0", "aria-label": say("position") });
  const toggle = button({ class: "player-toggle", "data-testid": "play", click: () => (sound.paused ? begin(sound) : sound.pause()) });
  const write = () => {
    const length = Number.isFinite(sound.duration) ? sound.duration : 0;
    line.value = String(length > 0 ? Math.round((sound.currentTime / length) * 1000) : 0);
    line.style.setProperty("--done", `${line.value / 10}%`);
    time.textContent = minutes(sound.paused && sound.currentTime === 0 ? length : sound.currentTime);
    toggle.replaceChildren(icon(sound.paused ? "play" : "pause"));
    toggle.setAttribute("aria-label", say(sound.paused ? "play" : "pause"));
  };
  for (const event of ["loadedmetadata", "durationchange", "timeupdate", "play", "pause"]) sound.addEventListener(event, write);
  sound.addEventListener("ended", () => { sound.currentTime = 0; });
  sound.addEventListener("error", () => { time.textContent = say("cannotPlay"); });
  line.addEventListener("input", () => {
    if (Number.isFinite(sound.duration)) sound.currentTime = (line.value / 1000) * sound.duration;
  });
  write();
  return element("div", { class: "player" }, toggle, line, time, sound);
}

/** Returns seconds as 0:07. */
export function minutes(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// One voice speaks at a time.
function begin(sound) {
  if (playing !== sound) playing?.pause();
  playing = sound;
  sound.play();
}
