/** The small drawings of the page, as inline SVG that takes the colour of its text. */

const SVG = "http://www.w3.org/2000/svg";

const STROKED = {
  attach: ["M20 11.2 12.2 19a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.9a1.7 1.7 0 0 1-2.4-2.4l7-7"],
  add: ["M12 5v14M5 12h14"],
  back: ["M20 12H5M11 5.5 4.5 12l6.5 6.5"],
  check: ["M1.8 8.6 5.3 12.2 12.6 3.8"],
  checks: ["M1 8.6 4.5 12.2 11.6 3.8", "M8.3 11.9 8.6 12.2 15.8 3.8"],
  clock: ["M8 2.2a5.8 5.8 0 1 0 .01 0M8 4.8V8l2.3 1.5"],
  close: ["M6 6l12 12M18 6 6 18"],
  copy: ["M9 9h10v11H9zM5 15V4h10"],
  down: ["M6 9.5l6 6 6-6"],
  contacts: ["M12 5a3.6 3.6 0 1 0 .01 0M5 19.5c.5-4 3.2-5.6 7-5.6s6.5 1.6 7 5.6z"],
  document: ["M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5M9 12.5h6.5M9 16h6.5"],
  drop: ["M5 7h14M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5"],
  failed: ["M8 1.8a6.2 6.2 0 1 0 .01 0M8 4.8v4M8 10.9v.4"],
  home: ["M4 11 12 4l8 7M6.5 9.5V20h11V9.5"],
  language: ["M12 3a9 9 0 1 0 .01 0M3 12h18M12 3c5 5.5 5 12.5 0 18M12 3c-5 5.5-5 12.5 0 18"],
  list: ["M9 6.5h11M9 12h11M9 17.5h11M4.2 6.5h.6M4.2 12h.6M4.2 17.5h.6"],
  location: ["M12 21c4.6-5 7-8.6 7-11.6a7 7 0 1 0-14 0c0 3 2.4 6.6 7 11.6zM12 7a2.6 2.6 0 1 0 .01 0"],
  microphone: ["M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"],
  person: ["M12 4a4 4 0 1 0 .01 0M4.5 20.5c.6-4.6 3.5-6.5 7.5-6.5s6.9 1.9 7.5 6.5"],
  photo: ["M3.5 6h17v13h-17zM3.5 16l5-5 4.5 4.5 3-2.5 4.5 4M15.5 8.5a1.4 1.4 0 1 0 .01 0"],
  reply: ["M10 6 4 12l6 6M4.5 12H14c4 0 6 2.2 6 6.5"],
  retry: ["M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3.5v4.3h-4.3"],
  sound: ["M4 10v4M8 7v10M12 4v16M16 7.5v9M20 10v4"],
  sticker: ["M12 3.5h5a3.5 3.5 0 0 1 3.5 3.5v6.5l-7 7H7A3.5 3.5 0 0 1 3.5 17V7A3.5 3.5 0 0 1 7 3.5zM20.5 13.5H17a3.5 3.5 0 0 0-3.5 3.5v3.5M8.5 9.5v.3M15 9.5v.3"],
  smile: ["M12 3a9 9 0 1 0 .01 0M8.2 14.2c1.8 2.9 5.8 2.9 7.6 0M9 9.5v.3M15 9.5v.3"],
  people: ["M9 5a3.5 3.5 0 1 0 .01 0M2.5 19.5c.5-4 2.9-5.6 6.5-5.6s6 1.6 6.5 5.6M16 5.3a3.3 3.3 0 0 1 0 6.4M17.5 14.3c2.4.6 3.7 2.3 4 5.2"],
};

const FILLED = {
  battery: ["M3 4.5h15.5A1.5 1.5 0 0 1 20 6v4.5a1.5 1.5 0 0 1-1.5 1.5H3a1.5 1.5 0 0 1-1.5-1.5V6A1.5 1.5 0 0 1 3 4.5zM21 6.8c1.3.4 1.3 2.5 0 2.9z"],
  pause: ["M6.5 4.5h4v15h-4zM13.5 4.5h4v15h-4z"],
  play: ["M7 4.2 20 12 7 19.8z"],
  send: ["M4 20.3 21.5 12 4 3.7 4 10.1 15.5 12 4 13.9z"],
  shop: ["M4.2 4h15.6l1.7 5.2a2.7 2.7 0 0 1-4.7 1.6 3 3 0 0 1-4.8 0 3 3 0 0 1-4.8 0 2.7 2.7 0 0 1-4.7-1.6zM4.5 13.2c.9.2 1.9 0 2.7-.5 1.4 1 3.3 1 4.8 0 1.5 1 3.4 1 4.8 0 .8.5 1.8.7 2.7.5V20h-15z"],
  signal: ["M2 11.5h2.5V13H2zM6.2 9h2.5v4H6.2zM10.4 6.3h2.5V13h-2.5zM14.6 3.5h2.5V13h-2.5z"],
  wifi: ["M10 13.5 1.5 4.7c4.8-4.3 12.2-4.3 17 0z"],
};

const SIZES = { check: 14, checks: 17, clock: 16, failed: 16, battery: 23, signal: 19, wifi: 20 };
const HEIGHTS = { check: 16, checks: 16, battery: 16, signal: 15, wifi: 15 };

/** Returns the drawing; with a label it is an image to a screen reader, without one it is decoration. */
export function icon(name, label = null) {
  const width = SIZES[name] ?? 24;
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHTS[name] ?? width}`);
  drawing.setAttribute("class", `icon icon-${name} ${name in STROKED ? "stroked" : "filled"}`);
  if (label === null) drawing.setAttribute("aria-hidden", "true");
  else {
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", label);
  }
  for (const line of STROKED[name] ?? FILLED[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}
